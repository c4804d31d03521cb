import { type Container, dag, type Platform } from "@dagger.io/dagger"
import { settingsOf } from "../config/stage-settings.js"
import type { Workspace } from "../project/project.js"
import { failedCommand } from "../run/explain.js"
import type { Step } from "../run/result.js"
import type { Applies, Given, Stage, StageKind, StageResult } from "../run/stage.js"
import {
  buildCommand,
  buildFailure,
  contextFiles,
  foreign,
  imageWorkspaces,
  platformsOf,
  unbuilt,
} from "./build.js"

/** The kind whose stages hand on the container that was built. */
const IMAGE = "image"

/** Seconds for a build, where slipway.yaml does not say. */
const TIMEOUT = 1200

/** Milliseconds within which no build is done, only remembered: the engine does not say which it was. */
const REMEMBERED = 1000

/** Builds each workspace's image from its Dockerfile, for each platform, and hands on the engine's own. */
export const image: StageKind = {
  kind: IMAGE,
  applies(project): Applies {
    const found = imageWorkspaces(project)
    return found.length > 0
      ? {
          applies: true,
          stages: found.map((workspace) => ({
            name: imageStage(workspace),
            kind: IMAGE,
            needs: [],
            because: because(workspace, project.config.image.platforms),
            inputs: contextFiles(project, workspace),
            run: (given) => build(given, workspace),
          })),
        }
      : { applies: false, reason: "no Dockerfile" }
  },
}

/** The name of the stage that builds a workspace's image. */
export const imageStage = (workspace: Workspace): string =>
  workspace.path === "" ? IMAGE : `${IMAGE}:${workspace.name}`

function because({ dockerfile }: Workspace, platforms: readonly string[]): Stage["because"] {
  const target = platforms.length > 0 ? ` for ${platforms.join(", ")}` : ""
  return `${dockerfile}${target}`
}

/** An image of one platform. */
interface Built {
  readonly container: Container
  readonly platform: Platform
  readonly user: string
}

async function build(given: Given, workspace: Workspace): Promise<StageResult> {
  const engine = await dag.defaultPlatform()
  const startedAt = Date.now()
  const steps: Step[] = []
  const done: Built[] = []
  for (const platform of platformsOf(given.project)) {
    const begin = Date.now()
    const made = await buildOne(given, workspace, platform, engine)
    steps.push(stepOf(buildCommand(given.project, workspace, platform), begin, made.exitCode))
    if (made.built === null) return { ...made.failure, steps }
    done.push(made.built)
  }
  return {
    verdict: "passed",
    cause: null,
    summary: summary(done),
    findings: [],
    tests: [],
    steps,
    log: { text: "", lines: 0 },
    cached: Date.now() - startedAt < REMEMBERED * steps.length,
    images: [{ name: workspace.name, digest: null, purpose: `built from ${workspace.dockerfile}` }],
    ...handedOn(done, engine),
  }
}

/** What other stages run: the image for the engine's own platform where there is one. */
function handedOn(built: readonly Built[], engine: Platform): Pick<StageResult, "container"> {
  const chosen = built.find(({ platform }) => platform === engine) ?? built[0]
  return chosen ? { container: chosen.container } : {}
}

type Attempt =
  | { readonly built: Built; readonly exitCode: 0 }
  | { readonly built: null; readonly exitCode: number; readonly failure: StageResult }

async function buildOne(
  given: Given,
  workspace: Workspace,
  platform: Platform | null,
  engine: Platform,
): Promise<Attempt> {
  const timeout = settingsOf(given.project.config, "image").timeout ?? TIMEOUT
  try {
    const container = await given.built(unbuilt(given.project, workspace, given.source, platform), timeout)
    const [user, made] = await Promise.all([container.user(), container.platform()])
    if (platform === null || made === platform)
      return { built: { container, platform: made, user }, exitCode: 0 }
    // A base image that exists for one platform alone is taken for any.
    const log = `the image came out for ${made}`
    return { built: null, exitCode: 1, failure: foreign(workspace, platform, engine, log) }
  } catch (error) {
    const exitCode = failedCommand(error)?.exitCode ?? 1
    return { built: null, exitCode, failure: buildFailure(error, workspace, platform, engine) }
  }
}

const stepOf = (command: string, startedAt: number, exitCode: number): Step => ({
  name: "build",
  command,
  startedAt,
  endedAt: Date.now(),
  exitCode,
  timedOut: false,
  attempts: 1,
})

function summary(built: readonly Built[]): string {
  const user = built[0]?.user ?? ""
  const platforms = built.map(({ platform }) => platform).join(", ")
  const who = user === "" || user === "root" ? "root" : `user ${user}`
  return `built for ${platforms}, runs as ${who}`
}
