/**
 * Makes Debian's Chromium stand where the project's Playwright looks for its own; does nothing where there is none.
 *
 *   node browsers.ts      in a folder from which `@playwright/test` can be found
 *
 * The folder of browsers is PLAYWRIGHT_BROWSERS_PATH.
 */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

const DEBIAN = "/usr/bin/chromium"

/** Where versions of Playwright look, in the folder of a browser. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  chromium: ["chrome-linux/chrome", "chrome-linux64/chrome"],
  "chromium-headless-shell": [
    "chrome-linux/headless_shell",
    "chrome-linux/chrome-headless-shell",
    "chrome-headless-shell-linux64/chrome-headless-shell",
  ],
}

function playwrightCore(): string {
  const names = ["@playwright/test", "playwright", "playwright-core"]
  return dirname(
    names.reduce(
      (from, name) => createRequire(from).resolve(`${name}/package.json`),
      join(process.cwd(), "package.json"),
    ),
  )
}

if (existsSync(DEBIAN)) {
  const root = process.env.PLAYWRIGHT_BROWSERS_PATH ?? ""
  const { browsers }: { browsers: readonly { name: string; revision: string }[] } = JSON.parse(
    readFileSync(join(playwrightCore(), "browsers.json"), "utf8"),
  )
  for (const { name, revision } of browsers) {
    const folder = join(root, `${name.replaceAll("-", "_")}-${revision}`)
    for (const place of PLACES[name] ?? []) {
      mkdirSync(dirname(join(folder, place)), { recursive: true })
      symlinkSync(DEBIAN, join(folder, place))
    }
    if (name in PLACES) writeFileSync(join(folder, "INSTALLATION_COMPLETE"), "")
  }
}
