import * as z from "zod/mini"
import type { FaultCode } from "../run/causes.js"
import { Fault } from "../run/fault.js"
import { fitsBill } from "./bound.js"
import { PARTS, type Part, partsIn, partsStep, sameLayers } from "./content.js"
import type { Opened } from "./open.js"
import { type Pinned, parseImages, pinnedName } from "./reference.js"
import { atRegistry } from "./registry.js"
import { PUBLIC_KEY, type Trusted, trustFlags } from "./signer.js"
import { sigstoreOf, withSigstore } from "./sigstore.js"
import { PREDICATES, type Predicate } from "./statements.js"

/** What `cosign sign` states. */
const SIGNATURE = "https://sigstore.dev/cosign/sign/v1"

const WANTED: Readonly<Record<"signature" | Predicate, { readonly type: string; readonly code: FaultCode }>> =
  {
    signature: { type: SIGNATURE, code: "signature" },
    provenance: { type: PREDICATES.provenance, code: "attestation" },
    sbom: { type: PREDICATES.sbom, code: "attestation" },
    verdict: { type: PREDICATES.verdict, code: "attestation" },
  }

const fileOf = (name: string) => `/slipway/${name}.json`

/** What is known of an image that verifies. */
export interface Verified extends Pinned {
  /** The commit that it was built from. */
  readonly commit: string
  /** SHA-256 of the result.json of that commit's check; null: the verdict names none. */
  readonly verdict: string | null
}

/**
 * Verifies images: each has a signature of whom is trusted; a provenance, a bill of materials and a verdict that
 * the same signed; all of them for exactly this digest and its layers; the check passed; and all are of the release's
 * commit.
 *
 * @param release the commit that is released, or null: any commit will do.
 * @throws {Fault} `signature`, `attestation`, `no-image` or `registry` for the first that does not.
 */
export async function verify(
  opened: Opened,
  images: readonly Pinned[],
  trusted: Trusted,
  release: string | null,
): Promise<readonly Verified[]> {
  const { access } = opened
  const sigstore = trusted.by === "identity" ? await sigstoreOf(opened, "verifying") : null
  const plain = access.service === null ? "" : "--allow-http-registry"
  const verified: Verified[] = []
  for (const image of images) {
    const wanted = Object.entries(WANTED)
    const asked = atRegistry(access, {
      repositories: [image],
      signs: true,
      prepare: (container) =>
        trusted.by === "key"
          ? container.withMountedFile(PUBLIC_KEY, trusted.key)
          : withSigstore(container, sigstore),
      steps: [
        { name: "image", run: `regctl manifest head ${pinnedName(image)}`, timeout: 60 },
        partsStep(image),
        ...wanted.map(([name, { type }]) => ({
          name,
          run: `cosign verify-attestation ${trustFlags(trusted, sigstore)} ${plain} --type ${type} ${pinnedName(image)} >${fileOf(name)}`,
          timeout: 120,
        })),
      ],
      reports: [PARTS, ...wanted.map(([name]) => fileOf(name))],
      codes: Object.fromEntries(wanted.map(([name, { code }]) => [name, code])),
    })
    const ran = await asked.catch((error: unknown) => {
      if (!(error instanceof Fault)) throw error
      throw new Fault(error.code, { ...error, what: `${pinnedName(image)}: ${error.what}` })
    })
    const parts = partsIn(ran.reports[PARTS] ?? "")
    verified.push(judge({ ...image, parts }, (name) => ran.reports[fileOf(name)] ?? "", release))
  }
  return verified
}

/** The sentence for a person. */
export const verifiedText = (images: readonly Verified[]): string =>
  images
    .map(
      (image) =>
        `${pinnedName(image)} verified: built from ${image.commit}, checked, with its bill of materials`,
    )
    .join("\n")

/** Verifies the images of a text, one a line or with commas between them. */
export const verifyText = async (opened: Opened, text: string, trusted: Trusted): Promise<string> =>
  verifiedText(await verify(opened, parseImages(text), trusted, null))

const envelope = () => z.object({ payload: z.string() })
const stated = () =>
  z.object({
    predicateType: z.string(),
    subject: z.array(z.object({ digest: z.record(z.string(), z.string()) })),
    predicate: z.looseObject({}),
  })
type Stated = z.output<ReturnType<typeof stated>>

const provenancePredicate = () =>
  z.object({
    buildDefinition: z.object({
      externalParameters: z.object({ source: z.object({ digest: z.object({ gitCommit: z.string() }) }) }),
    }),
  })
const verdictPredicate = () =>
  z.object({
    result: z.string(),
    configuration: z.array(z.object({ digest: z.optional(z.record(z.string(), z.string())) })),
    /** The layers that were looked at. Absent in what Slipway signed before it noted them. */
    image: z._default(z.array(z.object({ platform: z.string(), layers: z.array(z.string()) })), []),
  })

type Name = keyof typeof WANTED

/**
 * Returns what the statements of an image, whose signatures are good, say of it.
 *
 * @param release the commit that is released, or null: any commit will do.
 * @throws {Fault} `signature` or `attestation` where they do not vouch for the image, or vouch for another commit.
 */
export function judge(
  { parts, ...image }: Pinned & { readonly parts: readonly Part[] },
  output: (name: Name) => string,
  release: string | null = null,
): Verified {
  const of = (name: Name) => statementsOf(output(name), WANTED[name].type, image)
  const refuse = (what: string, fix: string, code: FaultCode = "attestation") =>
    new Fault(code, { what: `${pinnedName(image)}: ${what}`, where: null, fix })
  if (of("signature").length === 0) throw refuse("not signed", "sign it with `image sign`", "signature")
  for (const name of ["provenance", "sbom", "verdict"] as const)
    if (of(name).length === 0) throw refuse(`missing attestation: ${name}`, "sign it with `image sign`")
  const commits = commitsIn(of("provenance"))
  if (commits.length === 0)
    throw refuse(
      "its provenance names no commit",
      "build and push it again with `image push`, which records the commit; then sign it with `image sign`",
    )
  const passed = passedIn(of("verdict"))
  if (passed.length === 0) throw refuse("its check did not pass", "deploy an image whose check is green")
  const vouched = passed.filter(({ commit }) => commits.includes(commit))
  if (vouched.length === 0)
    throw refuse(
      "its verdict belongs to another commit than the image",
      "sign it with the evidence of its commit",
    )
  const same = vouched.filter(({ layers }) => isOf(layers, parts))
  const ofAnother = (what: string) =>
    refuse(`its ${what} is of another build: the image has other layers`, CHECK_IT)
  if (same.length === 0) throw ofAnother("verdict")
  if (!billsFit(of("sbom"), parts)) throw ofAnother("bill of materials")
  const found = same.find(({ commit }) => release === null || commit === release)
  if (found === undefined)
    throw refuse(
      `it was built from ${same.map(({ commit }) => commit).join(", ")}, but the release is ${release}`,
      "deploy the images that `image push` printed for this commit, or check out the commit of the images",
    )
  return { ...image, commit: found.commit, verdict: found.verdict }
}

const CHECK_IT = "check what was pushed with `image check`, then sign it with `image sign`"

/** Tells whether each platform of an image has a bill of materials that can be of its layers. */
const billsFit = (bills: readonly Stated[], parts: readonly Part[]): boolean =>
  parts.every(({ layers }) => bills.some(({ predicate }) => fitsBill(predicate, layers)))

/** Tells whether a verdict is of exactly the layers of an image, on each of its platforms. */
const isOf = (layers: Passed["layers"], parts: readonly Part[]): boolean =>
  parts.length > 0 && parts.every((part) => layers.some((one) => sameLayers(one, part)))

/** Returns the commits that provenances name. */
const commitsIn = (statements: readonly Stated[]): readonly string[] =>
  statements.flatMap(({ predicate }) => {
    const read = provenancePredicate().safeParse(predicate, { jitless: true })
    const commit = read.success ? read.data.buildDefinition.externalParameters.source.digest.gitCommit : ""
    return commit === "" ? [] : [commit]
  })

/** A check that passed. */
interface Passed extends Pick<Verified, "commit" | "verdict"> {
  /** Those that it looked at. */
  readonly layers: z.output<ReturnType<typeof verdictPredicate>>["image"]
}

/** Returns the checks that passed, each with its commit and the digest of its verdict. */
const passedIn = (statements: readonly Stated[]): readonly Passed[] =>
  statements.flatMap(({ predicate }) => {
    const read = verdictPredicate().safeParse(predicate, { jitless: true })
    if (!read.success || read.data.result !== "PASSED") return []
    const digests = read.data.configuration.flatMap(({ digest }) => (digest === undefined ? [] : [digest]))
    const verdict = digests.flatMap(({ sha256 }) => sha256 ?? [])[0] ?? null
    return digests.flatMap(({ gitCommit }) =>
      gitCommit ? [{ commit: gitCommit, verdict, layers: read.data.image }] : [],
    )
  })

/** The statements of a type for exactly this image, of what `cosign verify-attestation` prints: one a line. */
function statementsOf(output: string, type: string, image: Pinned): readonly Stated[] {
  const digest = image.digest.slice("sha256:".length)
  return output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .flatMap((line) => {
      const { payload } = envelope().parse(JSON.parse(line), { jitless: true })
      const read = stated().safeParse(JSON.parse(Buffer.from(payload, "base64").toString()), {
        jitless: true,
      })
      return read.success ? [read.data] : []
    })
    .filter(
      ({ predicateType, subject }) =>
        predicateType === type && subject.some((one) => one.digest.sha256 === digest),
    )
}
