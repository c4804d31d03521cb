import { recordOf, recordsOf } from "../formats/json.js"
import { Fault } from "../run/fault.js"
import type { Content, RunRecord, StageRecord, Verdict } from "../run/result.js"
import { type Part, sameLayers } from "./content.js"
import { type Pinned, pinnedName } from "./reference.js"
import { isCycloneDx } from "./sbom.js"

/**
 * Whether evidence is of exactly the image that is signed: a second build of the same commit can differ, by a base image
 * that moved, by times, by what it downloads.
 */

/** The stages that say what is in an image, by the start of their names. Each must have looked at exactly what was pushed. */
const LOOKS = ["sbom", "scan:image"] as const
/** What such a stage is called before its image. */
export type Look = (typeof LOOKS)[number]

/** A bill of materials in the evidence. */
export interface Bill {
  readonly part: Part
  /** Which of the records it belongs to. */
  readonly from: number
  /** Path in that evidence. */
  readonly path: string
}

/** What evidence says of an image. */
export interface Bound {
  /** One for each platform. */
  readonly bills: readonly Bill[]
  /** Stages of the check that ran on another build of the image, such as tests of the running app. */
  readonly elsewhere: readonly string[]
}

const isLook = ({ name }: Pick<StageRecord, "name">, look: Look): boolean =>
  name === look || name.startsWith(`${look}:`)

const contentsOf = ({ contents = [] }: StageRecord, image: string): readonly Content[] =>
  contents.filter((one) => one.image === image)

/** True for a stage that looked at a part of an image. */
const sees = (stage: StageRecord, image: string, part: Part): boolean =>
  contentsOf(stage, image).some((one) => sameLayers(one, part))

/** The looks that a check took, by which its green verdict came about; without a bill of materials nothing is signed. */
const looksOf = (check: RunRecord): readonly Look[] =>
  LOOKS.filter(
    (look) =>
      look === "sbom" || check.stages.some((stage) => stage.verdict === "passed" && isLook(stage, look)),
  )

/**
 * Returns the looks that evidence lacks of a part: they looked at another build, or not at its platform.
 *
 * @param image the image's name in the evidence.
 * @param records the check's first.
 */
export function missingLooks(image: string, part: Part, records: readonly RunRecord[]): readonly Look[] {
  const [check] = records
  if (check === undefined) return LOOKS
  const passed = records.flatMap(({ stages }) => stages).filter(({ verdict }) => verdict === "passed")
  return looksOf(check).filter(
    (look) => !passed.some((stage) => isLook(stage, look) && sees(stage, image, part)),
  )
}

/**
 * Finds what evidence says of an image.
 *
 * @param pushed its platforms, as the registry has them.
 * @param records the check's, and then that of `image check` where there is one.
 * @throws {Fault} `attestation` where a look is missing, or was red.
 */
export function bind(
  image: Pinned,
  name: string,
  pushed: readonly Part[],
  records: readonly RunRecord[],
): Bound {
  const bills = pushed.map((part) => {
    const missing = missingLooks(name, part, records)
    // What could not look leaves a gap, or none where another did look.
    const red = redLook(records, name, part, missing.length > 0 ? ["failed", "errored"] : ["failed"])
    if (red) throw refuse(image, `${red.name} ${red.verdict}: ${red.summary}`, "fix it, push and check again")
    if (missing.length > 0) throw refuse(image, otherBuild(name, part, missing), WAY_OUT)
    return billOf(image, name, part, records)
  })
  const check = records[0]?.stages ?? []
  const elsewhere = check.filter(
    (stage) =>
      !LOOKS.some((look) => isLook(stage, look)) &&
      contentsOf(stage, name).some((one) => !pushed.some((part) => sameLayers(one, part))),
  )
  return { bills, elsewhere: elsewhere.map((stage) => stage.name) }
}

const redLook = (
  records: readonly RunRecord[],
  image: string,
  part: Part,
  verdicts: readonly Verdict[],
): StageRecord | undefined =>
  records
    .flatMap(({ stages }) => stages)
    .find(
      (stage) =>
        verdicts.includes(stage.verdict) &&
        LOOKS.some((look) => isLook(stage, look)) &&
        sees(stage, image, part),
    )

const WAY_OUT =
  "check what was pushed: `image check --images … --evidence .slipway export --path .slipway/pushed`. Then sign again"

const otherBuild = (name: string, { platform, layers }: Part, missing: readonly Look[]): string =>
  `not the build that was checked: ${missing.join(" and ")} of ${name} did not look at these layers for ${platform} (the last is ${layers.at(-1)?.slice(0, 19)})`

const refuse = (image: Pinned, what: string, fix: string): Fault =>
  new Fault("attestation", { what: `${pinnedName(image)}: ${what}`, where: "result.json", fix })

function billOf(image: Pinned, name: string, part: Part, records: readonly RunRecord[]): Bill {
  const found = records.flatMap(({ stages }, from) =>
    stages
      .filter((stage) => stage.verdict === "passed" && isLook(stage, "sbom") && sees(stage, name, part))
      .flatMap(({ files = [] }) => files.filter(isCycloneDx))
      .map((path) => ({ part, from, path })),
  )
  const [bill] = found
  if (bill) return bill
  throw refuse(
    image,
    `missing bill of materials: ${name}`,
    "export the evidence of a check that ran the stage `sbom`",
  )
}

/** The layers that a bill of materials of Trivy names as those of its image; empty for other tools. */
export const layersInBill = (cycloneDx: unknown): readonly string[] =>
  recordsOf(recordOf(recordOf(recordOf(cycloneDx).metadata).component).properties).flatMap(
    ({ name, value }) => (name === "aquasecurity:trivy:DiffID" && typeof value === "string" ? [value] : []),
  )

/** Tells whether a bill of materials can be of some layers: true where it names none. */
export const fitsBill = (cycloneDx: unknown, layers: readonly string[]): boolean =>
  layersInBill(cycloneDx).every((layer) => layers.includes(layer))
