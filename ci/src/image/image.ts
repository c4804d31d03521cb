import { type Container, dag, type Platform } from "@dagger.io/dagger"
import { settingsOf } from "../config/stage-settings.js"
import { baseImages } from "../project/dockerfile/stages.js"
import { lfsPointers, pointersText } from "../project/lfs.js"
import { folderOf } from "../project/manifest.js"
import type { Dockerfile } from "../project/project.js"
import { errored, failedCommand } from "../run/explain.js"
import { imageReference, parseImage } from "../run/images.js"
import type { Content, ImageRecord, Step } from "../run/result.js"
import type { Applies, Given, Stage, StageKind, StageResult } from "../run/stage.js"
import {
  buildCommand,
  buildFailure,
  contextFiles,
  foreign,
  imagesOf,
  lacking,
  lfsFiles,
  platformsOf,
  unbuilt,
} from "./build.js"
import { layersOf } from "./content.js"
import { onPlatform } from "./platform.js"

/** The kind whose stages hand on the container that was built. */
const IMAGE = "image"

/** Seconds for a build, where slipway.yaml does not say. */
const TIMEOUT = 1200

/** Milliseconds within which no build is done, only remembered: the engine does not say which it was. */
const REMEMBERED = 1000

/** Builds the image of each Dockerfile, for each platform, and hands on the engine's own. */
export const image: StageKind = {
  kind: IMAGE,
  standsAlone: true,
  applies(project): Applies {
    const found = imagesOf(project)
    return found.length > 0
      ? {
          applies: true,
          stages: found.map((dockerfile) => ({
            name: imageStage(dockerfile),
            kind: IMAGE,
            needs: [],
            because: because(dockerfile, project.config.image.platforms),
            inputs: contextFiles(project, dockerfile),
            run: async (given) =>
              lacking(dockerfile, Object.keys(given.variables)) ?? build(given, dockerfile),
          })),
        }
      : { applies: false, reason: "no Dockerfile to build" }
  },
}

/** The name of the stage that builds a Dockerfile's image. */
export const imageStage = ({ label }: Pick<Dockerfile, "label">): string =>
  label === "" ? IMAGE : `${IMAGE}:${label}`

function because({ file, context, target }: Dockerfile, platforms: readonly string[]): Stage["because"] {
  const stage = target === null ? "" : `, its stage ${target}`
  const wanted = platforms.length > 0 ? ` for ${platforms.join(", ")}` : ""
  const place = context === folderOf(file) ? "" : `, built in ${context || "."}`
  return `${file}${stage}${place}${wanted}`
}

/** An image of one platform. */
interface Built {
  readonly container: Container
  readonly platform: Platform
  readonly user: string
}

/** An image of one platform, with its layers. */
interface Read extends Built {
  readonly content: Content
}

const read = (given: Given, { name }: Dockerfile, built: readonly Built[]): Promise<readonly Read[]> =>
  Promise.all(
    built.map(async (one) => {
      const layers = await layersOf(given, one.container.asTarball())
      return { ...one, content: { image: name, platform: one.platform, layers } }
    }),
  )

async function build(given: Given, dockerfile: Dockerfile): Promise<StageResult> {
  const pointers = await lfsPointers(given, given.source, lfsFiles(given.project, dockerfile))
  // A cause that no laptop is excused for: the image would be of other files than the commit's.
  if (pointers.length > 0)
    return errored(
      "configuration",
      `the build context of ${dockerfile.file} has ${pointersText(pointers)}`,
      "",
    )
  const engine = await dag.defaultPlatform()
  const startedAt = Date.now()
  const steps: Step[] = []
  const done: Built[] = []
  for (const platform of platformsOf(given.project)) {
    const begin = Date.now()
    const made = await buildOne(given, dockerfile, platform, engine)
    steps.push(stepOf(buildCommand(dockerfile, platform), begin, made.exitCode))
    if (made.built === null) return { ...made.failure, steps }
    done.push(made.built)
  }
  const cached = Date.now() - startedAt < REMEMBERED * steps.length
  const builds = await read(given, dockerfile, done)
  return {
    verdict: "passed",
    cause: null,
    summary: summary(done),
    findings: [],
    tests: [],
    steps,
    log: { text: "", lines: 0 },
    cached,
    contents: builds.map(({ content }) => content),
    images: [
      { name: dockerfile.name, digest: null, purpose: `built from ${dockerfile.file}` },
      ...(await basesOf(given, dockerfile)),
    ],
    ...handedOn(builds, engine),
  }
}

/** The base images of a Dockerfile: a build depends on them as on its files. */
async function basesOf(given: Given, { name, file, args }: Dockerfile): Promise<readonly ImageRecord[]> {
  const text = await given.source.file(file).contents()
  return baseImages(text, args).map((reference) => ({
    name: imageReference(parseImage(reference), AS_WRITTEN),
    digest: null,
    purpose: `${name} is built on it`,
  }))
}

/** A build takes its images from where its Dockerfile says, whatever slipway.yaml says of the stages' own. */
const AS_WRITTEN = { prefix: null, overrides: {} }

/** What other stages run: the image for the engine's own platform where there is one. */
function handedOn(built: readonly Read[], engine: Platform): Pick<StageResult, "container" | "content"> {
  const chosen = built.find(({ platform }) => platform === engine) ?? built[0]
  return chosen ? { container: chosen.container, content: chosen.content } : {}
}

type Attempt =
  | { readonly built: Built; readonly exitCode: 0 }
  | { readonly built: null; readonly exitCode: number; readonly failure: StageResult }

async function buildOne(
  given: Given,
  dockerfile: Dockerfile,
  platform: Platform | null,
  engine: Platform,
): Promise<Attempt> {
  const timeout = settingsOf(given.project.config, "image").timeout ?? TIMEOUT
  try {
    const container = await given.built(unbuilt(dockerfile, given.source, platform, given.variables), timeout)
    const made = await onPlatform(container, platform, dockerfile, given.source)
    if (made.container !== null) return { built: { ...made, user: await made.container.user() }, exitCode: 0 }
    return { built: null, exitCode: 1, failure: foreign(dockerfile, made.platform, engine, made.why) }
  } catch (error) {
    const exitCode = failedCommand(error)?.exitCode ?? 1
    return { built: null, exitCode, failure: buildFailure(error, dockerfile, platform, engine) }
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
