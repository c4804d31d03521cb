import { type Directory, dag } from "@dagger.io/dagger"
import { evidence as evidenceOf, runThese } from "../finish.js"
import { type Look, missingLooks } from "../image/bound.js"
import type { Part } from "../image/content.js"
import { readEvidence } from "../image/evidence.js"
import type { Opened } from "../image/open.js"
import { pull } from "../image/pull.js"
import { type Pinned, parseImages, pinnedName } from "../image/reference.js"
import { sbomOf } from "../image/sbom.js"
import { pushedImage } from "../image/sign.js"
import type { Project } from "../project/project.js"
import { detectIn } from "../project/repository.js"
import type { Request } from "../run/request.js"
import type { RunRecord } from "../run/result.js"
import type { Stage } from "../run/stage.js"
import { scanOf } from "../security/security.js"

/**
 * Looks at images of a registry as the check does at those that it builds, where its evidence is of another build or
 * lacks a platform.
 *
 * @param folder the evidence of the check.
 * @returns the evidence of what was looked at, green or red; an empty folder where there was nothing to look at.
 */
export async function checkPushed(
  request: Request,
  opened: Opened,
  text: string,
  folder: Directory,
): Promise<Directory> {
  const [{ record }] = await readEvidence(folder)
  const { whole: project } = await detectIn(opened)
  const all = await Promise.all(parseImages(text).map((image) => stagesOf(project, opened, image, record)))
  const stages = all.flat()
  if (stages.length === 0) return dag.directory()
  const options = { base: record, memory: null, unchecked: [] }
  return evidenceOf(await runThese(request, { project, source: opened.source }, stages, true, options))
}

async function stagesOf(
  project: Project,
  opened: Opened,
  image: Pinned,
  check: RunRecord,
): Promise<readonly Stage[]> {
  const { build, parts } = await pushedImage(opened, image)
  return parts.flatMap((part) => {
    const missing = missingLooks(build.workspace, part, [check])
    const platform = parts.length > 1 ? part.platform : ""
    const stages = looksAt(
      project,
      opened,
      { ...image, digest: part.digest },
      part,
      build.workspace,
      platform,
    )
    return missing.map((look) => stages[look])
  })
}

/** @param platform which of several; "" where there is one. */
function looksAt(
  project: Project,
  { access }: Opened,
  image: Pinned,
  part: Part,
  name: string,
  platform: string,
): Readonly<Record<Look, Stage>> {
  const dockerfile = project.dockerfiles.find((one) => one.name === name)
  const common = { needs: [], because: pinnedName(image), tarball: () => pull(access, image, part.platform) }
  const named = (...words: readonly string[]) => [...words, platform].filter(Boolean).join(":")
  const sbom = sbomOf({
    ...common,
    name: named(name),
    file: [name, platform.replaceAll("/", "-")].filter(Boolean).join("."),
    inputs: { include: [], exclude: [] },
  })
  const scan = scanOf(project, {
    ...common,
    name: named("scan:image", dockerfile?.label ?? name),
    place: dockerfile?.file ?? name,
  })
  return { sbom: withContents(sbom, name, part), "scan:image": withContents(scan, name, part) }
}

/** A stage that says which layers it looked at. */
const withContents = (stage: Stage, image: string, { platform, layers }: Part): Stage => ({
  ...stage,
  run: async (given) => ({ ...(await stage.run(given)), contents: [{ image, platform, layers }] }),
})
