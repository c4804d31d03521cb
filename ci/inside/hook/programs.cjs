// Finds out which tool a process is, by the package of its main module.
const fs = require("node:fs")
const path = require("node:path")

const runners = require("./runners.cjs")
const linters = require("./linters.cjs")

/** Tools by package; `file` where only some of its programs are meant. */
const TOOLS = [
  { package: "vitest", use: runners.vitest },
  { package: "jest", use: runners.jest },
  { package: "jest-cli", use: runners.jest },
  { package: "react-scripts", file: /scripts\/test\.js$/, use: runners.jest },
  { package: "react-app-rewired", file: /scripts\/test\.js$/, use: runners.jest },
  { package: "kcd-scripts", file: /scripts[\\/]test\.js$/, use: runners.jest },
  { package: "@angular/cli", use: runners.angular },
  { package: "karma", use: runners.karma },
  { package: "mocha", use: runners.mocha },
  { package: "borp", use: runners.borp },
  { package: "ava", use: runners.ava },
  { package: "tap", use: runners.tap },
  { package: "@tapjs/run", use: runners.tap },
  { package: "tape", use: runners.printsTap },
  { package: "uvu", use: runners.covered },
  { package: "jasmine", use: runners.covered },
  { package: "@hapi/lab", use: runners.covered },
  { package: "tsx", use: runners.tsx },
  { package: "playwright", use: runners.playwright },
  { package: "@playwright/test", use: runners.playwright },
  { package: "playwright-core", use: runners.playwright },
  { package: "eslint", lints: true, use: linters.eslint },
  { package: "@biomejs/biome", lints: true, use: linters.biome },
  { package: "oxlint", lints: true, use: linters.oxlint },
]

/** The real path of the main module; symbolic links in node_modules/.bin lead to it. */
function mainOf() {
  const [, main] = process.argv
  if (main === undefined) return null
  try {
    return fs.realpathSync(main)
  } catch {
    return main
  }
}

/** The name of the package that a file belongs to. */
function packageOf(file) {
  const inside = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(file)
  if (inside) return inside[1].replace("\\", "/")
  for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const manifest = path.join(folder, "package.json")
    if (fs.existsSync(manifest)) return JSON.parse(fs.readFileSync(manifest, "utf8")).name
  }
}

const NODE_TEST = /(?:from|require\(|import)\s*["']node:test["']/
/** Runners that are imported by test files, and print TAP. */
const PRINTS_TAP = /(?:from|require\()\s*["'](?:tape|zora|tapzero|brittle|fresh-tape)["']/

/** Others that are, and print a count alone. */
const PRINTS_COUNT = /(?:from|require\()\s*["'](?:uvu|jasmine|@japa\/runner|baretest|qunit)["']/

/** Relative imports: those of `node test/index.js` are the test files. */
const IMPORTS = /(?:from|import|require\()\s*["'](\.{1,2}\/[^"']+)["']/g
const ENDINGS = ["", ".js", ".cjs", ".mjs", ".ts", "/index.js"]
/** TypeScript names the files that it writes. */
const namesOf = (file) => [...ENDINGS.map((ending) => file + ending), file.replace(/\.([cm]?)js$/, ".$1ts")]
/** Characters of a file that is read, and files that are. */
const LONGEST = 1_000_000
const MOST = 50

function textOf(file) {
  const found = namesOf(file).find((one) => fs.statSync(one, { throwIfNoEntry: false })?.isFile())
  return found === undefined || fs.statSync(found).size > LONGEST ? "" : fs.readFileSync(found, "utf8")
}

/** A test file that is started as a program, `node test.js`, or one that only imports test files. */
function startedDirectly(main) {
  if (/[\\/]node_modules[\\/]/.test(main)) return null
  const own = textOf(main)
  const imported = [...own.matchAll(IMPORTS)].slice(0, MOST)
  const texts = [own, ...imported.map(([, file]) => textOf(path.resolve(path.dirname(main), file)))]
  const imports = (pattern) => texts.some((text) => pattern.test(text))
  if (imports(NODE_TEST)) return runners.nodeTest
  if (imports(PRINTS_TAP)) return runners.printsTap
  return imports(PRINTS_COUNT) ? runners.covered : null
}

/** How the reports of this process are made; null for a process that is no tool. */
exports.toolOf = function toolOf({ lints }) {
  if (process.env.NODE_TEST_CONTEXT) return null
  const tests = !lints
  if (tests && process.execArgv.includes("--test")) return runners.nodeTest
  const main = mainOf()
  if (main === null) return null
  const name = packageOf(main)
  const found = TOOLS.find((tool) => tool.package === name && (!tool.file || tool.file.test(main)))
  if (found) return Boolean(found.lints) === lints ? found.use : null
  return tests ? startedDirectly(main) : null
}
