/** The projects of a Playwright configuration, by whether their browser is in the image; see `inside/projects.ts`. */
export interface Projects {
  readonly run: readonly BrowserProject[]
  readonly left: readonly BrowserProject[]
}

interface BrowserProject {
  /** As the configuration names it; "" where it has but one. */
  readonly name: string
  readonly browser: string
}

const list = (projects: readonly BrowserProject[]) =>
  [...new Set(projects.map(({ browser }) => browser))].join(", ")

/** `chromium`, and what could not run for want of a browser. */
export const browsersText = ({ run, left }: Projects): string =>
  left.length === 0 ? list(run) : `${list(run)}; not here: ${list(left)}`
