/**
 * Opens pages in Chromium and has axe look at them; runs in the container of the stage.
 *
 *   node a11y.ts <JSON: Ask> <file for JSON: Seen> <folder for screenshots>
 *
 * `node_modules` of the working folder has `playwright-core` and `axe-core`.
 */
import { existsSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import type { Ask, Page, Violation } from "../src/app/a11y/pages.js"

/** Of playwright-core, what is used here: its types are not installed where this is checked. */
interface Tab {
  on(event: "pageerror", listener: (error: Error) => void): void
  goto(url: string, options: object): Promise<{ status(): number } | null>
  waitForLoadState(state: string, options: object): Promise<void>
  evaluate<T>(code: string): Promise<T>
  screenshot(options: object): Promise<unknown>
  close(): Promise<void>
}
interface Browser {
  version(): string
  newContext(options: object): Promise<{ newPage(): Promise<Tab> }>
  close(): Promise<void>
}

/** Debian's Chromium, where Playwright's own is not there. */
const DEBIAN = "/usr/bin/chromium"
const PATIENCE = 30_000
/** For pages that go on loading: what they show by then is looked at. */
const SETTLE = 5_000

const [text = "", out = "", shots = ""] = process.argv.slice(2)
const ask: Ask = JSON.parse(text)
const require = createRequire(`${process.cwd()}/`)
const { chromium }: { chromium: { launch(options: object): Promise<Browser> } } = require("playwright-core")
const { version: axe }: { version: string } = require("axe-core/package.json")
const script = await readFile(require.resolve("axe-core/axe.min.js"), "utf8")

const browser = await chromium.launch(existsSync(DEBIAN) ? { executablePath: DEBIAN } : {})
// Axe is put into the page, which a content security policy would refuse.
const context = await browser.newContext({ bypassCSP: true })

async function look(path: string): Promise<Page> {
  const tab = await context.newPage()
  const errors: string[] = []
  tab.on("pageerror", (error) => errors.push(error.message))
  const answer = await tab.goto(ask.origin + path, { waitUntil: "load", timeout: PATIENCE })
  await tab.waitForLoadState("networkidle", { timeout: SETTLE }).catch(() => {})
  await tab.evaluate(script)
  const found = await tab.evaluate<{ violations: Violation[]; passes: unknown[] }>("axe.run(document)")
  const letters = await tab.evaluate<number>("document.body.innerText.trim().length")
  await tab.screenshot({ path: `${shots}/${path.replace(/\W+/g, "-")}.png`, fullPage: true })
  await tab.close()
  return {
    path,
    status: answer?.status() ?? 0,
    letters,
    scriptError: errors[0] ?? null,
    violations: found.violations.map(({ id, impact, help, helpUrl, nodes }) => ({
      id,
      impact,
      help,
      helpUrl,
      nodes: nodes.map(({ target, html }) => ({ target: target.flat(), html: html.slice(0, 300) })),
    })),
    kept: found.passes.length,
  }
}

const pages: Page[] = []
for (const path of ask.paths) pages.push(await look(path))
await writeFile(out, JSON.stringify({ browser: `Chromium ${browser.version()}`, axe, pages }))
await browser.close()
for (const { path, violations } of pages) console.log(`${path}: ${violations.length} rules broken`)
