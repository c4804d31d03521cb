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
const TAPE = /(?:from|require\()\s*["']tape["']/

/** A test file that is started as a program: `node test.js`. */
function startedDirectly(main) {
  if (/[\\/]node_modules[\\/]/.test(main) || !fs.existsSync(main) || fs.statSync(main).size > 1_000_000)
    return null
  const text = fs.readFileSync(main, "utf8")
  if (NODE_TEST.test(text)) return runners.nodeTest
  return TAPE.test(text) ? runners.printsTap : null
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
