import { imageStage } from "../image/image.js"
import { servicesOfApp } from "../project/declared/choose.js"
import type { Project } from "../project/project.js"
import { mountedFiles } from "../project/services.js"
import type { Applies, Given, Inputs, Stage, StageResult } from "../run/stage.js"
import { type App, describe } from "./describe.js"

/** What a stage that looks at the running app says of itself. */
export interface AppStage extends Pick<Stage, "name" | "kind" | "because"> {
  /** Beside the images of the app. */
  readonly needs?: readonly string[]
  readonly onlyWhenNamed?: boolean
  readonly inputs?: Inputs
  run(given: Given, app: App): Promise<StageResult>
}

/** Its images are all that such a stage reads, where it does not say: what slipway.yaml says reaches its commands. */
const NO_FILES: Inputs = { include: ["slipway.yaml"], exclude: [] }

/** Stages that need the app's images; none where no app can be run. */
export function appStages(project: Project, make: (app: App) => readonly AppStage[]): Applies {
  const described = describe(project)
  if ("reason" in described) return { applies: false, reason: described.reason }
  const { app } = described
  const images = app.services.flatMap(({ dockerfile }) =>
    dockerfile === null ? [] : [imageStage(dockerfile)],
  )
  const mounted = app.services.flatMap(({ workspace, database }) =>
    mountedFiles(servicesOfApp(project, workspace, database)),
  )
  return {
    applies: true,
    stages: make(app).map(({ run, needs = [], inputs = NO_FILES, ...stage }) => ({
      ...stage,
      needs: [...new Set([...needs, ...images])],
      inputs: { ...inputs, include: [...inputs.include, ...mounted] },
      run: (given) => run(given, app),
    })),
  }
}
