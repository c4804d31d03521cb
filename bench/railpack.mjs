/**
 * Compares detection with railwayapp/railpack, on the Node.js, Bun and Python projects in its `examples`: package managers,
 * versions, builds, tests and workspaces. Railpack's snapshots, and what an example must print, say what is right.
 *
 *   node bench/railpack.mjs [--from 'PATTERN'] [--write] [NAME…]
 *
 * `--from` names another place to clone from, as of bench/repositories.mjs. `--write` puts the result into
 * docs/repositories.md. Needs no engine. railpack.json has the intended differences, with the reasons.
 */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { parseArgs } from "node:util"
import semver from "semver"
import { commitOf, compiled, inFolder, planOf } from "./detection.mjs"
import { write } from "./table.mjs"

const { repository, commit, differences } = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, "railpack.json"), "utf8"),
)

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: "string", default: "https://github.com/{owner}/{name}.git" },
    write: { type: "boolean", default: false },
  },
})

const jsonOf = (text) => {
  try {
    return JSON.parse(text.replace(/^\s*\/\/.*$/gm, "").replace(/,(\s*[\]}])/g, "$1"))
  } catch {
    return null
  }
}

/** Returns what railpack's plan of an example says. */
function railpackOf(snapshot) {
  const commands = snapshot.steps.flatMap(({ name, commands = [] }) =>
    commands.map(({ cmd = "", customName = "" }) => ({ step: name, text: `${cmd} ${customName}` })),
  )
  const tools = /install mise packages: (.*)/.exec(commands.map(({ text }) => text).join("\n"))?.[1] ?? ""
  const installs = commands.filter(({ step }) => step.startsWith("install")).map(({ text }) => text)
  const manager = installs
    .map((text) => /\b(npm|pnpm|yarn|bun|uv|poetry|pdm|pipenv|pip) (?:ci|install|sync)\b/.exec(text)?.[1])
    .find((name) => name !== undefined)
  const build = commands.some(({ text }) => /\b(?:npm|pnpm|yarn|bun) run build\b|\bnx build\b/.test(text))
  return { tools: tools.split(", "), manager, build }
}

/** Tells whether an example is a project of Node.js, Bun or Python: others only have such a tool beside their language. */
const isOurs = ({ tools }, { files }) =>
  tools.some((tool) => ["node", "bun", "python"].includes(tool)) &&
  files.some((file) => /^package\.json5?$|^[^/]+\.py$/.test(file))

/** Patterns of printed versions, by program. */
const PRINTED = {
  node: /\bnode(?:\.js)?(?: version)?(?: v)?:? v(\d[\d.]*)/i,
  bun: /\bbun v?(\d+\.[\d.]+)/i,
  pnpm: /\bpnpm version.*v(\d[\d.]*)/i,
  yarn: /\byarn v?(\d[\d.]*)/i,
  python: /\bpython(?: version:)? (\d+\.[\d.]*)/i,
  uv: /\buv(?: version:)? (\d+\.[\d.]*)/i,
}

/** Returns the versions that an example must print, without runs that have railpack's own variables or files. */
function printedBy(text) {
  const runs = (jsonOf(text) ?? []).filter(({ envs, configFilePath }) => !envs && !configFilePath)
  const lines = runs.flatMap(({ expectedOutput = [] }) => expectedOutput)
  return Object.fromEntries(
    Object.entries(PRINTED).flatMap(([name, pattern]) => {
      const version = lines.map((line) => pattern.exec(line)?.[1]).find((one) => one !== undefined)
      return version === undefined ? [] : [[name, version.replace(/\.$/, "")]]
    }),
  )
}

/** Returns the versions that an example's own files pin: the first number of each file. */
async function pinnedBy({ files, read }) {
  const text = async (file) => (files.includes(file) ? read(file) : "")
  const manifest = jsonOf(await text("package.json")) ?? {}
  const [, manager, version] = /^(\w+)@([\d.]+)/.exec(manifest.packageManager ?? "") ?? []
  const exact = (value = "") => /^\d[\d.]*$/.exec(value)?.[0]
  const managed = `${await text(".tool-versions")}\n${await text("mise.toml")}`
  const of = (name) => new RegExp(`^${name}(?:\\s*=\\s*"|\\s+)(\\d[\\d.]*)`, "m").exec(managed)?.[1]
  const number = (value) => /^v?(\d[\d.]*)/m.exec(value)?.[1]
  const pipfile = /python_full_version = "(.*)"/.exec(await text("Pipfile"))?.[1]
  const pins = {
    node:
      number(await text(".nvmrc")) ??
      number(await text(".node-version")) ??
      of("node") ??
      exact(manifest.engines?.node),
    bun: number(await text(".bun-version")) ?? of("bun"),
    pnpm: of("pnpm") ?? exact(manifest.engines?.pnpm),
    python: number(await text(".python-version")) ?? of("python") ?? pipfile,
    uv: of("uv"),
    ...(manager ? { [manager]: version } : {}),
  }
  return Object.fromEntries(Object.entries(pins).filter(([, value]) => value !== undefined))
}

/** Returns the versions in a plan, by program. */
function versionsOf(projects) {
  return Object.assign(
    {},
    ...projects.map(({ language, node, packageManager, python }) => {
      if (language === "python")
        return { python: python.version, [python.manager]: python.managerVersion?.replace(/^==|\.\*$/g, "") }
      const others = packageManager.packages.map((one) => /^(.*\/)?([^@]+)@(.*)$/.exec(one).slice(2))
      return { node, [packageManager.name]: packageManager.version, ...Object.fromEntries(others) }
    }),
  )
}

/** Tells whether a version is the expected one. `10.4` is, for `10`; a range counts by its lowest version. */
function isVersion(found, expected) {
  const version = /^[\d.]+$/.test(found ?? "") ? found : (semver.minVersion(found ?? "")?.version ?? "")
  return `${version}.`.startsWith(`${expected}.`)
}

/** Returns the packages that a plan knows, as folders of the repository. */
const foldersOf = (projects) =>
  projects.flatMap(({ path: folder, workspaces }) => [folder, ...workspaces.map((one) => one.path)])

/** Returns the package managers of projects of a language. */
const managersOf = ({ language, packageManager, python }) => {
  if (language === "python") return [python.manager]
  return language === "node" ? [packageManager.name] : []
}

/** Tells whether the root's package.json has a script `test` that tests. */
async function hasTests(tree) {
  const manifest = jsonOf(tree.files.includes("package.json") ? await tree.read("package.json") : "") ?? {}
  return /^(?!echo)./.test(manifest.scripts?.test ?? "")
}

/** Compares a plan with what is expected. Returns each fact: whether it is right, and what was found. */
async function factsOf(tree, plan, expected) {
  const { projects } = plan.repository
  const languages = projects.flatMap(({ language, python }) =>
    language === "python" ? python.manager : (language ?? []),
  )
  const managers = projects.flatMap(managersOf)
  const versions = versionsOf(projects)
  const stages = (kind) => plan.stages.filter((stage) => stage.kind === kind)
  const packages = tree.files.filter((file) => /\/package\.json$/.test(file) && !/node_modules/.test(file))
  const known = foldersOf(projects)
  const builds = stages("build").length
  const suites = stages("unit").filter(({ because }) => !because.includes("not run")).length
  const fact = (name, right, found) => ({ fact: name, right, found })
  return [
    fact("project", languages.length > 0, languages.join() || "none"),
    ...(expected.manager
      ? [fact("package manager", managers.includes(expected.manager), managers.join())]
      : []),
    ...Object.entries(expected.versions).map(([name, version]) => {
      const found = `${name} ${versions[name] ?? "unknown"}, and not ${version}`
      return fact("version", isVersion(versions[name], version), found)
    }),
    fact("build", expected.build === builds > 0, `${builds} builds`),
    fact("tests", (await hasTests(tree)) === suites > 0, `${suites} suites`),
    ...(packages.length > 0
      ? [
          fact(
            "workspaces",
            packages.every((file) => known.includes(path.dirname(file))),
            known.join(),
          ),
        ]
      : []),
  ]
}

async function example(slipway, tree, snapshot) {
  const railpack = railpackOf(snapshot)
  const text = tree.files.includes("test.json") ? await tree.read("test.json") : "[]"
  const versions = Object.fromEntries(
    Object.entries({ ...(await pinnedBy(tree)), ...printedBy(text) }).filter(
      ([name]) => railpack.tools.includes(name) || name === railpack.manager,
    ),
  )
  return factsOf(tree, await planOf(slipway, tree), { ...railpack, versions })
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-railpack-"))
const counts = new Map()
let unexpected = 0
let projects = 0
try {
  const [owner, name] = repository.split("/")
  const source = options.from.replaceAll("{owner}", owner).replaceAll("{name}", name)
  const cloned = spawnSync("git", ["clone", "--quiet", "--bare", source, folder], { encoding: "utf8" })
  if (cloned.status !== 0) throw new Error(cloned.stderr)
  const slipway = await compiled()
  const all = commitOf(folder, commit)
  const snapshots = all.files.flatMap((file) => {
    const [, one] =
      /^core\/__snapshots__\/TestGenerateBuildPlanForExamples_(.+)_1\.snap\.json$/.exec(file) ?? []
    return one === undefined ? [] : [{ one, file }]
  })
  for (const { one, file } of snapshots.filter(({ one }) => wanted.length === 0 || wanted.includes(one))) {
    const snapshot = JSON.parse(await all.read(file))
    const tree = inFolder(all, `examples/${one}`)
    if (!isOurs(railpackOf(snapshot), tree)) continue
    const facts = await example(slipway, tree, snapshot)
    projects++
    for (const { fact, right, found } of facts) {
      const known = differences[one]?.[fact]
      const count = counts.get(fact) ?? { right: 0, differs: 0, all: 0 }
      counts.set(fact, {
        right: count.right + Number(right),
        differs: count.differs + Number(!right && known !== undefined),
        all: count.all + 1,
      })
      if (right === (known === undefined)) continue
      unexpected++
      console.log(right ? `✗ ${one}: ${fact} no longer differs` : `✗ ${one}: ${fact}: ${found}`)
    }
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true })
}

const rows = [...counts].map(
  ([fact, { right, differs, all }]) => `| ${fact} | ${right} of ${all} | ${differs} |`,
)
console.log(`${projects} projects of ${repository}`)
for (const row of rows) console.log(row)
if (options.write) {
  const reasons = Object.entries(differences).flatMap(([one, facts]) =>
    Object.entries(facts).map(([fact, why]) => `| ${one} | ${fact} | ${why} |`),
  )
  write("railpack", ["| fact | as railpack | rightly not |", "|---|---|---|", ...rows])
  write("differences", ["| project | fact | why |", "|---|---|---|", ...reasons])
}
process.exitCode = unexpected === 0 ? 0 : 1
