import type { Container, Directory } from "@dagger.io/dagger"
import * as z from "zod/mini"
import { escapeGlob } from "../formats/glob.js"
import { parseJson } from "../formats/json.js"
import { Fault } from "../run/fault.js"
import type { Opened } from "./open.js"

/** A team's own Sigstore: its certificate authority, log and clock in place of the public ones. */
export interface Sigstore {
  readonly folder: Directory
  /** Whether its certificates stand in a log of their own, and so must prove it. */
  readonly logsCertificates: boolean
}

const TRUSTED_ROOT = "trusted_root.json"
const SIGNING_CONFIG = "signing_config.json"

/** Where the folder lies in the container. */
const FOLDER = "/slipway-sigstore"

/**
 * The Sigstore that slipway.yaml names; null for the public one.
 *
 * @param work what it is for: signing needs to know where its services are, verifying does not.
 * @throws {Fault} `configuration` where a file is missing, or the trusted root is invalid.
 */
export async function sigstoreOf(
  { config, source }: Pick<Opened, "config" | "source">,
  work: "signing" | "verifying",
): Promise<Sigstore | null> {
  const name = config.image.sigstore
  if (name === null) return null
  const present = await source.glob(`${escapeGlob(name)}/*.json`)
  for (const file of work === "signing" ? [TRUSTED_ROOT, SIGNING_CONFIG] : [TRUSTED_ROOT])
    if (!present.includes(`${name}/${file}`))
      throw new Fault("configuration", {
        what: "file not found: `image.sigstore` in slipway.yaml names its folder",
        where: `${name}/${file}`,
        fix: "make it with `cosign trusted-root create` or `cosign signing-config create`, as docs/images.md shows",
      })
  const folder = source.directory(name)
  const root = await folder.file(TRUSTED_ROOT).contents()
  return { folder, logsCertificates: logsCertificates(root, `${name}/${TRUSTED_ROOT}`) }
}

const trustedRoot = () =>
  z.object({
    mediaType: z.string().check(z.startsWith("application/vnd.dev.sigstore.trustedroot")),
    ctlogs: z.nullish(z.array(z.unknown())),
  })

/**
 * Whether a trusted root names a log of certificates.
 *
 * @throws {Fault} `configuration` for text that is no trusted root.
 * @see https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto
 */
export function logsCertificates(text: string, where: string): boolean {
  const read = trustedRoot().safeParse(parseJson(text), { jitless: true })
  if (read.success) return (read.data.ctlogs ?? []).length > 0
  throw new Fault("configuration", {
    what: "not a trusted root of Sigstore",
    where,
    fix: "make it with `cosign trusted-root create`",
  })
}

/** Adds the files that {@link signingServices} and {@link trustedServices} name. */
export const withSigstore = (container: Container, sigstore: Sigstore | null): Container =>
  sigstore ? container.withMountedDirectory(FOLDER, sigstore.folder) : container

/** Options of cosign for signing: what it gets is verified at once. */
export const signingServices = (sigstore: Sigstore | null): string =>
  sigstore ? ` --signing-config ${FOLDER}/${SIGNING_CONFIG} --trusted-root ${FOLDER}/${TRUSTED_ROOT}` : ""

/** Options of cosign for verifying. The log of signatures is asked for in any case. */
export const trustedServices = (sigstore: Pick<Sigstore, "logsCertificates"> | null): string => {
  if (sigstore === null) return ""
  return ` --trusted-root ${FOLDER}/${TRUSTED_ROOT}${sigstore.logsCertificates ? "" : " --insecure-ignore-sct"}`
}
