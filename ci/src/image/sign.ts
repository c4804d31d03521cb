import type { Container, Directory } from "@dagger.io/dagger"
import { sha256 } from "../formats/canonical.js"
import { quote } from "../run/command.js"
import { Fault } from "../run/fault.js"
import { assertIdentityToken } from "../run/identity-token.js"
import { readRecord } from "../run/record.js"
import type { RunRecord } from "../run/result.js"
import { fileOf, type Opened } from "./open.js"
import { DESCRIPTION } from "./push.js"
import { type Pinned, parseImages, pinnedName } from "./reference.js"
import { atRegistry } from "./registry.js"
import { sbomPath } from "./sbom.js"
import { type Signer, signingFlags, signingSecrets } from "./signer.js"
import { type Sigstore, sigstoreOf, withSigstore } from "./sigstore.js"
import {
  type BuildDescription,
  materials,
  PREDICATES,
  type Predicate,
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
 * @param evidence what `report` exported, of the same commit.
 */
export async function sign(
  opened: Opened,
  text: string,
  evidence: Directory,
  signer: Signer,
): Promise<string> {
  if (signer.by === "identity") await assertIdentityToken(signer.token, "--identity-token")
  const images = parseImages(text)
  const result = await evidence.file("result.json").contents()
  const record = readRecord(result)
  const digest = sha256(result)
  const sigstore = signer.by === "identity" ? await sigstoreOf(opened, "signing") : null
  for (const image of images) {
    const build = await descriptionOf(opened, image)
    refuse(record, build)
    const bom = await readSbom(evidence, build.workspace)
    await attach(
      opened,
      image,
      { signer, sigstore },
      {
        provenance: provenance(image, build, opened.context),
        sbom: materials(image, bom),
        verdict: verdict(image, record, build, digest),
      },
    )
  }
  return images
    .map((image) => `${pinnedName(image)} signed, with ${Object.keys(PREDICATES).join(", ")}`)
    .join("\n")
}

/** What an image's label says of how it was built. */
async function descriptionOf({ access }: Opened, image: Pinned): Promise<BuildDescription> {
  const ran = await atRegistry(access, {
    repositories: [image],
    steps: [
      {
        name: "labels",
        run: `regctl image config --format '{{json .Config.Labels}}' ${pinnedName(image)} >${LABELS}`,
        timeout: 60,
      },
    ],
    reports: [LABELS],
  })
  const labels: Readonly<Record<string, string>> | null = JSON.parse(ran.reports[LABELS] ?? "null")
  const text = labels?.[DESCRIPTION]
  if (text !== undefined) return JSON.parse(text)
  throw new Fault("attestation", {
    what: `${pinnedName(image)} has no label of the commit that it was built from`,
    where: null,
    fix: "push it with `image push`, which adds the label",
  })
}

/** Refuses to attest what the evidence does not say. */
export function refuse(record: RunRecord, build: Pick<BuildDescription, "commit" | "workspace">): void {
  const fault = (what: string, fix: string) => new Fault("attestation", { what, where: "result.json", fix })
  if (record.context.commit !== build.commit)
    throw fault(
      `the evidence is of commit ${record.context.commit ?? "unknown"}, and the image ${build.workspace} of ${build.commit}`,
      "pass the evidence that `report` exported for the image's commit",
    )
  if (record.verdict !== "passed")
    throw fault(`the check did not pass: ${record.verdict}`, "sign when the check is green")
}

async function readSbom(evidence: Directory, workspace: string): Promise<object> {
  const path = sbomPath(workspace)
  if (await evidence.exists(path)) return JSON.parse(await evidence.file(path).contents())
  throw new Fault("attestation", {
    what: `missing bill of materials: ${workspace}`,
    where: path,
    fix: "export the evidence of a check that ran the stage `sbom`",
  })
}

async function attach(
  { access }: Opened,
  image: Pinned,
  { signer, sigstore }: { readonly signer: Signer; readonly sigstore: Sigstore | null },
  statements: Readonly<Record<Predicate, Statement>>,
): Promise<void> {
  const entries = Object.entries(statements)
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
