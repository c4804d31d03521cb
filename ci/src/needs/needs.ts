/** What a check gets from outside of the repository: the list for a site's own mirrors. */

import { globMatcher } from "../formats/glob.js"
import type { Repository } from "../project/project.js"
import type { Pipeline } from "../run/pipeline.js"
import type { Stage } from "../run/stage.js"
import { TERRAFORM } from "../terraform/sources.js"
import { VERSION_FILES } from "../terraform/version.js"
import { databases, providers } from "./databases.js"
import { imagesOfBuilds, imagesOfStages, type Texts } from "./images.js"
import { joined, type Need } from "./need.js"
import { FILES, packages, registries } from "./packages.js"

/** The files whose texts {@link needsOf} reads. */
export function filesToRead({ whole }: Repository): readonly string[] {
  const terraform = globMatcher([...TERRAFORM, ...VERSION_FILES])
  const builds = new Set(whole.dockerfiles.map(({ file }) => file))
  return whole.files.filter((file) => FILES.test(file) || builds.has(file) || terraform(file))
}

/** Returns what a check needs from outside. */
export async function needsFrom({ repository, source, stages }: Pipeline): Promise<readonly Need[]> {
  const files = filesToRead(repository)
  const read = files.map(async (file) => [file, await source.file(file).contents()] as const)
  return needsOf(repository, stages, new Map(await Promise.all(read)))
}

/** Returns what the stages of a plan need from outside. */
export function needsOf(
  { whole, projects }: Repository,
  stages: readonly Stage[],
  texts: Texts,
): readonly Need[] {
  return joined([
    ...imagesOfStages(whole, stages, texts),
    ...imagesOfBuilds(whole, texts),
    ...registries(projects, texts),
    ...packages(texts),
    ...databases(whole.config, stages),
    ...providers(whole.config, stages),
  ])
}
