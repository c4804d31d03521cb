/**
 * A reporter of Playwright that runs no test: it finds out which projects of a configuration have their browser here.
 *
 *   playwright test --list --reporter=projects.ts
 *
 * Writes to the folder SLIPWAY_PROJECTS: `args`, the options that choose those projects, quoted for a shell; and
 * `projects.json`, a {@link Projects}.
 */
import { readdirSync, writeFileSync } from "node:fs"
import type { Projects } from "../src/app/e2e/projects.js"

interface Project {
  readonly name: string
  readonly use: {
    readonly browserName?: string
    readonly defaultBrowserType?: string
    readonly channel?: string
  }
}

const browserOf = ({ use }: Project) => use.channel ?? use.browserName ?? use.defaultBrowserType ?? "chromium"

/**
 * A reporter for Playwright: writes which projects have their browser here, and the arguments that run only those.
 */
export default class {
  onBegin({ projects }: { readonly projects: readonly Project[] }): void {
    const there = readdirSync(process.env.PLAYWRIGHT_BROWSERS_PATH ?? "")
    const has = (project: Project) => there.some((folder) => folder.startsWith(`${browserOf(project)}-`))
    const chosen = projects.filter(has)
    const said: Projects = {
      run: chosen.map((project) => ({ name: project.name, browser: browserOf(project) })),
      left: projects
        .filter((project) => !has(project))
        .map((project) => ({ name: project.name, browser: browserOf(project) })),
    }
    const args =
      said.left.length === 0 ? [] : chosen.map(({ name }) => `--project='${name.replaceAll("'", "'\\''")}'`)
    const folder = process.env.SLIPWAY_PROJECTS ?? ""
    writeFileSync(`${folder}/args`, args.join(" "))
    writeFileSync(`${folder}/projects.json`, JSON.stringify(said))
  }

  printsToStdio(): boolean {
    return false
  }
}
