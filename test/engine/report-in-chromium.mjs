/**
 * Opens a report in a real Chromium and says what a reader would meet: accessibility violations, console errors,
 * sideways scrolling, whether the filters work. Screenshots of each go to the output folder, where one is named.
 *
 *   BROWSER_TOOLS=<folder with node_modules> node report-in-chromium.mjs <report.html> [<output folder>]
 *
 * Environment: `BROWSER_TOOLS` has `playwright-core` and `axe-core` installed; `CHROMIUM` is the browser's path;
 * `VIEWS` names the views, and all are taken where it is empty.
 * Prints one JSON object. Exit code 0 when nothing is wrong, 1 when something is, 2 when it could not look.
 */
import { mkdir, readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium"
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]
const VIEWS = [
  { name: "light", colorScheme: "light", viewport: { width: 1280, height: 900 } },
  { name: "dark", colorScheme: "dark", viewport: { width: 1280, height: 900 } },
  { name: "phone", colorScheme: "light", viewport: { width: 360, height: 740 } },
  { name: "phone-dark", colorScheme: "dark", viewport: { width: 360, height: 740 } },
]
/** Screenshots of pages longer than this are cut: Chromium can't paint them in one piece. */
const TALLEST = 8000
const LISTS = ["tests", "findings", "coverage"]
const NO_MATCH = "zzz no test is called this zzz"

async function violationsOf(page, axeSource) {
  await page.evaluate(axeSource)
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }))
  return found.violations.map(({ id, impact, help, nodes }) => ({
    id,
    impact,
    help,
    nodes: nodes
      .slice(0, 5)
      .map(({ html, failureSummary }) => ({ html: html.slice(0, 200), failureSummary })),
  }))
}

async function screenshot(page, path) {
  const size = await page.evaluate(() => ({
    width: document.documentElement.clientWidth,
    height: document.documentElement.scrollHeight,
  }))
  const clip = { x: 0, y: 0, width: size.width, height: Math.min(size.height, TALLEST) }
  await page.screenshot({ path, clip, fullPage: true })
}

/** Milliseconds until the page has answered a search: its script runs before the event is over. */
const filterMs = (panel) =>
  panel.locator("input[type=search]").evaluate((input) => {
    const began = performance.now()
    input.value = "1"
    input.dispatchEvent(new Event("input", { bubbles: true }))
    const spent = Math.round(performance.now() - began)
    input.value = ""
    input.dispatchEvent(new Event("input", { bubbles: true }))
    return spent
  })

/** Types what nothing matches, takes it back, makes a choice, and says what the list's status read each time. */
async function filterOf(page, list) {
  const panel = page.locator(`#${list}-panel`)
  if ((await panel.count()) === 0) return null
  const status = () => panel.locator("[role=status]").innerText()
  const rows = () => panel.locator(".rows li, .rows tbody tr").count()
  const seen = async () => ({ status: await status(), rows: await rows() })
  const before = await seen()
  await panel.locator("input[type=search]").fill(NO_MATCH)
  const nothing = await seen()
  await panel.locator("input[type=search]").fill("")
  const choices = await choicesOf(panel, seen)
  const after = await seen()
  const works =
    before.status === after.status &&
    before.rows === after.rows &&
    nothing.rows === 0 &&
    choices.every(({ rows }) => rows > 0) &&
    (await sorts(panel))
  return { works, before, nothing, choices, ms: await filterMs(panel) }
}

/** What is shown for the second choice of each way to choose, each taken back. */
async function choicesOf(panel, seen) {
  const made = []
  const radios = panel.locator("input[type=radio]")
  if ((await radios.count()) > 0) {
    await radios.nth(1).check()
    made.push({ choice: await radios.nth(1).inputValue(), ...(await seen()) })
    await radios.first().check()
  }
  for (const select of await panel.locator("select").all()) {
    await select.selectOption({ index: 1 })
    made.push({ choice: await select.inputValue(), ...(await seen()) })
    await select.selectOption({ index: 0 })
  }
  return made
}

/** True where a table's columns sort by keyboard, say so, and keep the focus; and where there is none. */
async function sorts(panel) {
  const button = panel.locator("button.sort").first()
  if ((await button.count()) === 0) return true
  const states = []
  await button.focus()
  for (let times = 0; times < 2; times++) {
    await panel.page().keyboard.press("Enter")
    states.push(await panel.locator("th[aria-sort]").first().getAttribute("aria-sort"))
  }
  const kept = await panel.page().evaluate(() => globalThis.document.activeElement?.className === "sort")
  return kept && states.join() === "ascending,descending"
}

/** Pairs of a name and what came of it, one after the other: they share the keyboard. */
async function inTurn(names, work) {
  const made = []
  for (const name of names) made.push([name, await work(name)])
  return made
}

async function look(browser, view, report, out, axeSource) {
  const context = await browser.newContext({ colorScheme: view.colorScheme, viewport: view.viewport })
  const page = await context.newPage()
  const consoleErrors = []
  const requests = []
  page.on("console", (message) => message.type() === "error" && consoleErrors.push(message.text()))
  page.on("pageerror", (error) => consoleErrors.push(String(error)))
  page.on("request", (request) => /^(file|data):/.test(request.url()) || requests.push(request.url()))
  const began = performance.now()
  await page.goto(pathToFileURL(report).href)
  const loadMs = Math.round(performance.now() - began)
  if (out) await screenshot(page, join(out, `${view.name}.png`))
  const seen = {
    loadMs,
    title: await page.title(),
    verdictText: (await page.locator("h1").innerText()).trim(),
    overflow: await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    ),
    filters: Object.fromEntries(await inTurn(LISTS, (list) => filterOf(page, list))),
    consoleErrors,
    requests,
  }
  const violations = await violationsOf(page, axeSource)
  await context.close()
  return { view: view.name, violations, ...seen }
}

/** What stands on the page when scripts may not run, as where a vendor shows artefacts in a sandbox. */
async function withoutScript(browser, report) {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(pathToFileURL(report).href)
  const headings = await page.locator("h1, h2").allInnerTexts()
  await context.close()
  return { headings }
}

function summed(views, noScript) {
  const first = views[0]
  const byView = (key) => Object.fromEntries(views.map((view) => [view.view, view[key]]))
  return {
    violations: views.flatMap((view) =>
      view.violations.map((violation) => ({ view: view.view, ...violation })),
    ),
    consoleErrors: views.flatMap((view) => view.consoleErrors),
    requests: views.flatMap((view) => view.requests),
    title: first.title,
    verdictText: first.verdictText,
    horizontalOverflow: byView("overflow"),
    loadMs: byView("loadMs"),
    filters: first.filters,
    withoutScript: noScript,
  }
}

function isWell(result) {
  const filters = Object.values(result.filters).every((filter) => filter === null || filter.works)
  const overflow = Object.values(result.horizontalOverflow).every((pixels) => pixels <= 0)
  const empty = [result.violations, result.consoleErrors, result.requests].every((list) => list.length === 0)
  return filters && overflow && empty
}

async function main([report, out]) {
  const tools = process.env.BROWSER_TOOLS
  if (!report || !tools)
    throw new Error("usage: BROWSER_TOOLS=<folder> report-in-chromium.mjs <report.html> [<output folder>]")
  const require = createRequire(join(resolve(tools), "package.json"))
  const { chromium } = require("playwright-core")
  const axeSource = await readFile(require.resolve("axe-core/axe.min.js"), "utf8")
  if (out) await mkdir(out, { recursive: true })
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  try {
    const names = process.env.VIEWS?.split(",") ?? []
    const wanted = VIEWS.filter(({ name }) => names.length === 0 || names.includes(name))
    const views = []
    for (const view of wanted) views.push(await look(browser, view, resolve(report), out, axeSource))
    return summed(views, await withoutScript(browser, resolve(report)))
  } finally {
    await browser.close()
  }
}

try {
  const result = await main(process.argv.slice(2))
  console.log(JSON.stringify(result, null, 2))
  process.exitCode = isWell(result) ? 0 : 1
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 2
}
