// Turns the coverage that V8 writes (NODE_V8_COVERAGE) into lcov: which lines of the project's files ran how often.
const fs = require("node:fs")
const path = require("node:path")
const { fileURLToPath, pathToFileURL } = require("node:url")
const { segmentsOf } = require("./source-map.cjs")

/** The ranges of a script, outer ones first: each counts for what no inner one holds. */
const rangesOf = ({ functions }) =>
  functions
    .flatMap(({ ranges }) => ranges)
    .sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset)

/** How often the code at some places ran: those of `[from, to]`, in ascending order. */
function countsAt(places, ranges) {
  const counts = new Array(places.length).fill(0)
  const firstFrom = (offset) => {
    let [low, high] = [0, places.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (places[middle][0] < offset) low = middle + 1
      else high = middle
    }
    return low
  }
  for (const { startOffset, endOffset, count } of ranges)
    for (let at = firstFrom(startOffset); at < places.length && places[at][0] < endOffset; at++)
      if (places[at][1] <= endOffset) counts[at] = count
  return counts
}

const EMPTY = /^\s*(?:\/\/.*)?$/

/** The lines of a file that V8 ran as it is. */
function plainLines(text, ranges) {
  const places = []
  const numbers = []
  let start = 0
  text.split("\n").forEach((line, index) => {
    if (!EMPTY.test(line)) {
      places.push([start + line.search(/\S/), start + line.trimEnd().length])
      numbers.push(index + 1)
    }
    start += line.length + 1
  })
  return countsAt(places, ranges).map((count, at) => [numbers[at], count])
}

/** The lines of the files that a script was made of: a line ran as often as that of its parts that ran most. */
function mappedLines({ lineLengths, data }, url, ranges) {
  const starts = [0]
  for (const length of lineLengths) starts.push(starts[starts.length - 1] + length + 1)
  const segments = segmentsOf(data.mappings).filter(({ line }) => line < lineLengths.length)
  const places = segments.map(({ line, column }) => [starts[line] + column, starts[line] + column + 1])
  const counts = countsAt(places, ranges)
  const files = data.sources.map((source) => sourceFile((data.sourceRoot ?? "") + source, url))
  return segments.map(({ source, original }, at) => ({
    file: files[source],
    line: original + 1,
    count: counts[at],
  }))
}

function sourceFile(source, url) {
  try {
    return fileURLToPath(path.isAbsolute(source) ? pathToFileURL(source) : new URL(source, url))
  } catch {
    return null
  }
}

const ofProject = (file, root) =>
  file?.startsWith(`${root}/`) && !file.includes("/node_modules/") && fs.existsSync(file)

/** The project's lines that a script's ranges cover, each with its count. */
function linesOf(script, map, root) {
  const file = sourceFile(script.url, script.url)
  if (file === null || file.includes("/node_modules/")) return []
  const ranges = rangesOf(script)
  if (map?.data?.mappings)
    return mappedLines(map, script.url, ranges).filter(({ file: source }) => ofProject(source, root))
  if (!ofProject(file, root)) return []
  const text = fs.readFileSync(file, "utf8")
  // Another length: it was compiled, and nothing says how its lines belong to those of the file.
  if (ranges[0]?.endOffset !== text.length) return []
  return plainLines(text, ranges).map(([line, count]) => ({ file, line, count }))
}

/** The hits of one process: file → line → count. */
function hitsOf({ result, "source-map-cache": maps = {} }, root) {
  const hits = new Map()
  const note = (file, line, count) => {
    const lines = hits.get(file) ?? hits.set(file, new Map()).get(file)
    lines.set(line, Math.max(lines.get(line) ?? 0, count))
  }
  for (const script of result.filter(({ url }) => url.startsWith("file:")))
    for (const { file, line, count } of linesOf(script, maps[script.url], root)) note(file, line, count)
  return hits
}

const lcov = (hits) =>
  [...hits]
    .map(([file, lines]) => {
      const each = [...lines].sort(([a], [b]) => a - b).map(([line, count]) => `DA:${line},${count}\n`)
      return `SF:${file}\n${each.join("")}end_of_record\n`
    })
    .join("")

/** Writes `lcov.info` into a folder, from the files that V8 left in another. */
exports.write = (from, folder, root) => {
  const all = new Map()
  for (const name of fs.existsSync(from) ? fs.readdirSync(from) : []) {
    if (!name.endsWith(".json")) continue
    let hits
    try {
      hits = hitsOf(JSON.parse(fs.readFileSync(path.join(from, name), "utf8")), root)
    } catch {
      // A process that was ended while it wrote.
      continue
    }
    for (const [file, lines] of hits) {
      const sum = all.get(file) ?? all.set(file, new Map()).get(file)
      for (const [line, count] of lines) sum.set(line, (sum.get(line) ?? 0) + count)
    }
  }
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(path.join(folder, "lcov.info"), `TN:\n${lcov(all)}`)
}
