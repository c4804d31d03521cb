import type { RunContext } from "../run/context.js"
import type { Content, RunRecord } from "../run/result.js"
import { VERSION } from "../run/version.js"
import { type Pinned, repositoryName } from "./reference.js"

/**
 * What is said of an image, as in-toto statements.
 *
 * @see https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
 */
export interface Statement {
  readonly _type: "https://in-toto.io/Statement/v1"
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[]
  readonly predicateType: string
  readonly predicate: object
}

/** The kinds of statements, by their place among the evidence. */
export const PREDICATES = {
  /** https://slsa.dev/spec/v1.0/provenance */
  provenance: "https://slsa.dev/provenance/v1",
  /** https://cyclonedx.org/bom */
  sbom: "https://cyclonedx.org/bom",
  /** https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md */
  verdict: "https://in-toto.io/attestation/test-result/v0.1",
} as const

export type Predicate = keyof typeof PREDICATES

/** Something that went into an image, or that a statement is about. */
export interface Resource {
  readonly name?: string
  readonly uri?: string
  readonly digest?: Readonly<Record<string, string>>
}

/** How an image was built; it goes with it as a label, and so is covered by its digest. */
export interface BuildDescription {
  readonly workspace: string
  readonly dockerfile: string
  readonly target: string | null
  readonly args: Readonly<Record<string, string>>
  readonly platforms: readonly string[]
  /** The source's address, or null where slipway.yaml does not say. */
  readonly source: string | null
  readonly commit: string
  /** The files of the build context and the base images, by digest. */
  readonly inputs: readonly Resource[]
}

const statement = (image: Pinned, predicate: Predicate, content: object): Statement => ({
  _type: "https://in-toto.io/Statement/v1",
  subject: [{ name: repositoryName(image), digest: { sha256: image.digest.slice("sha256:".length) } }],
  predicateType: PREDICATES[predicate],
  predicate: content,
})

const gitResource = ({ source, commit }: BuildDescription): Resource => ({
  ...(source === null ? { name: "source" } : { uri: `git+${source}` }),
  digest: { gitCommit: commit },
})

/** The provenance of an image: what was built how, from what, and by whom. It claims no SLSA level. */
export function provenance(image: Pinned, build: BuildDescription, context: RunContext): Statement {
  const { workspace, dockerfile, target, args, platforms } = build
  const invocation = context.url ?? context.run
  return statement(image, "provenance", {
    buildDefinition: {
      buildType: "urn:slipway:dockerfile:v1",
      externalParameters: { source: gitResource(build), workspace, dockerfile, target, args, platforms },
      internalParameters: {},
      resolvedDependencies: [gitResource(build), ...build.inputs],
    },
    runDetails: {
      builder: { id: `urn:slipway:builder:${context.vendor ?? "local"}`, version: { slipway: VERSION } },
      metadata: invocation === null ? {} : { invocationId: `${invocation}#${context.attempt}` },
    },
  })
}

/** A bill of materials as a statement. */
export const materials = (image: Pinned, cycloneDx: object): Statement => statement(image, "sbom", cycloneDx)

const NAMES = { passed: "PASSED", failed: "FAILED", errored: "FAILED", skipped: "WARNED" } as const

/** What was checked of an image. */
export interface Looked {
  /** The layers of each platform that were looked at: those of the image. */
  readonly layers: readonly Pick<Content, "platform" | "layers">[]
  /** Stages of the check that ran on another build of the same commit. */
  readonly elsewhere: readonly string[]
  /** SHA-256 of the result.json of the check, and of `image check`. */
  readonly evidence: readonly string[]
}

/** What a whole check came to, and for which layers. */
export function verdict(
  image: Pinned,
  record: RunRecord,
  build: BuildDescription,
  { layers, elsewhere, evidence }: Looked,
): Statement {
  const named = (name: (typeof NAMES)[keyof typeof NAMES]) =>
    record.stages.filter((stage) => NAMES[stage.verdict] === name).map((stage) => stage.name)
  const remembered = record.stages.flatMap((stage) =>
    stage.remembered ? [{ name: stage.name, ...stage.remembered }] : [],
  )
  return statement(image, "verdict", {
    result: NAMES[record.verdict],
    configuration: [
      gitResource(build),
      ...evidence.map((sha256) => ({ name: "result.json", digest: { sha256 } })),
    ],
    image: layers.map(({ platform, layers }) => ({ platform, layers })),
    ...(record.context.url === null ? {} : { url: record.context.url }),
    passedTests: named("PASSED"),
    warnedTests: named("WARNED"),
    failedTests: named("FAILED"),
    ...(elsewhere.length === 0 ? {} : { onAnotherBuild: elsewhere }),
    ...(remembered.length === 0 ? {} : { remembered }),
  })
}
