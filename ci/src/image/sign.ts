import type { Container, Directory } from "@dagger.io/dagger"
import { quote } from "../run/command.js"
import { Fault } from "../run/fault.js"
import { assertIdentityToken } from "../run/identity-token.js"
import type { RunRecord } from "../run/result.js"
import { bind, fitsBill } from "./bound.js"
import { PARTS, type Part, partsIn, partsStep } from "./content.js"
import { type Evidence, readEvidence } from "./evidence.js"
import { fileOf, type Opened } from "./open.js"
import { DESCRIPTION } from "./push.js"
import { type Pinned, parseImages, pinnedName } from "./reference.js"
import { atRegistry } from "./registry.js"
import { type Signer, signingFlags, signingSecrets } from "./signer.js"
import { type Sigstore, sigstoreOf, withSigstore } from "./sigstore.js"
import {
  type BuildDescription,
  materials,
  PREDICATES,
  provenance,
  type Statement,
  verdict,
} from "./statements.js"

/** The media type of a signed statement among an image's referrers. */
const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
const LABELS = "/slipway/labels"
const TIMEOUT = 300

/**
 * Signs images, and attaches to each what is attested of it: its provenance, its bill of materials, the verdict of
 * the check.
 *
 * @param evidence what `report` exported, of the same commit, and in its folder `pushed` what `image check` did.
 * @throws {Fault} `attestation` where the evidence is of another commit or build, was changed, or is red.
 */
export async function sign(
  opened: Opened,
  text: string,
  evidence: Directory,
  signer: Signer,
): Promise<string> {
  if (signer.by === "identity") await assertIdentityToken(signer.token, "--identity-token")
  const images = parseImages(text)
  const read = await readEvidence(evidence)
  const sigstore = signer.by === "identity" ? await sigstoreOf(opened, "signing") : null
  for (const image of images)
    await attach(opened, image, { signer, sigstore }, await statementsFor(opened, image, read))
  return images
    .map((image) => `${pinnedName(image)} signed, with ${Object.keys(PREDICATES).join(", ")}`)
    .join("\n")
}

/** What is attested of an image: by the evidence of exactly its layers. */
async function statementsFor(opened: Opened, image: Pinned, [check, ...others]: Evidence): Promise<Attested> {
  const { build, parts } = await pushedImage(opened, image)
  refuse(check.record, build)
  // What an earlier run left of another commit says nothing of this one.
  const checked = [check, ...others.filter(({ record }) => record.context.commit === build.commit)]
  const bound = bind(
    image,
    build.workspace,
    parts,
    checked.map(({ record }) => record),
  )
  const bills = await Promise.all(
    bound.bills.map(async (bill, index) => {
      const cycloneDx: object = JSON.parse((await checked[bill.from]?.read(bill.path)) ?? "")
      if (fitsBill(cycloneDx, bill.part.layers))
        return [`sbom-${index}`, materials(image, cycloneDx)] as const
      throw fault(
        "the bill of materials names other layers than the image has",
        bill.path,
        "run the check again",
      )
    }),
  )
  const looked = {
    layers: parts,
    elsewhere: bound.elsewhere,
    evidence: checked.map(({ digest }) => digest),
  }
  return [
    ["provenance", provenance(image, build, opened.context)],
    ...bills,
    ["verdict", verdict(image, check.record, build, looked)],
  ]
}

/** What the registry has of an image: how it was built, by its label, and its layers. */
export async function pushedImage(
  { access }: Pick<Opened, "access">,
  image: Pinned,
): Promise<{ readonly build: BuildDescription; readonly parts: readonly Part[] }> {
  const ran = await atRegistry(access, {
    repositories: [image],
    steps: [
      partsStep(image),
      {
        name: "labels",
        run: `regctl image config --format '{{json .Config.Labels}}' ${pinnedName(image)} >${LABELS}`,
        timeout: 60,
      },
    ],
    reports: [LABELS, PARTS],
  })
  const labels: Readonly<Record<string, string>> | null = JSON.parse(ran.reports[LABELS] ?? "null")
  const text = labels?.[DESCRIPTION]
  const parts = partsIn(ran.reports[PARTS] ?? "")
  if (parts.length === 0)
    throw fault(`${pinnedName(image)} names no layers`, null, "push it with `image push`")
  if (text !== undefined) return { build: JSON.parse(text), parts }
  throw new Fault("attestation", {
    what: `${pinnedName(image)} has no label of the commit that it was built from`,
    where: null,
    fix: "push it with `image push`, which adds the label",
  })
}

const fault = (what: string, where: string | null, fix: string) =>
  new Fault("attestation", { what, where, fix })

/** Refuses evidence of another commit than the image's, and of a check that is not green. */
export function refuse(record: RunRecord, build: Pick<BuildDescription, "commit" | "workspace">): void {
  const { verdict, context } = record
  if (context.commit !== build.commit)
    throw fault(
      `the evidence is of commit ${context.commit ?? "unknown"}, and the image ${build.workspace} of ${build.commit}`,
      "result.json",
      "pass the evidence that `report` exported for the image's commit",
    )
  if (verdict !== "passed")
    throw fault(`the check did not pass: ${verdict}`, "result.json", "sign when the check is green")
}

/** Statements, each with a name for its file. */
type Attested = readonly (readonly [name: string, statement: Statement])[]

async function attach(
  { access }: Opened,
  image: Pinned,
  { signer, sigstore }: { readonly signer: Signer; readonly sigstore: Sigstore | null },
  entries: Attested,
): Promise<void> {
  const plain = access.service === null ? "" : "--allow-http-registry"
  const flags = signingFlags(signer, sigstore)
  await atRegistry(access, {
    repositories: [image],
    signs: true,
    secrets: signingSecrets(signer),
    prepare: (container) =>
      entries.reduce<Container>(
        (made, [name, statement]) =>
          made.withMountedFile(`/statements/${name}.json`, fileOf(`${name}.json`, JSON.stringify(statement))),
        // Without it, cosign asks for a password.
        signer.by === "key" && signer.password === undefined
          ? container.withEnvVariable("COSIGN_PASSWORD", "")
          : withSigstore(container, sigstore),
      ),
    steps: [
      { name: "sign", run: `cosign sign ${flags} ${plain} ${pinnedName(image)}`, timeout: TIMEOUT },
      ...entries.flatMap(([name, { predicateType }]) => [
        {
          name: `attest ${name}`,
          run: `cosign attest-blob ${flags} --statement /statements/${name}.json --bundle /tmp/${name}.json`,
          timeout: TIMEOUT,
        },
        { name: `attach ${name}`, run: put(image, name, predicateType), timeout: TIMEOUT },
      ]),
    ],
  })
}

/** Attaches a signed statement to an image as cosign does, so that others find it. */
const put = (image: Pinned, name: string, predicateType: string): string =>
  [
    `regctl artifact put --subject ${pinnedName(image)} --artifact-type ${BUNDLE}`,
    "--annotation dev.sigstore.bundle.content=dsse-envelope",
    "--annotation",
    quote(`dev.sigstore.bundle.predicateType=${predicateType}`),
    `--file-media-type ${BUNDLE} --file /tmp/${name}.json`,
  ].join(" ")
