import type { File, Secret } from "@dagger.io/dagger"
import { quote } from "../run/command.js"
import { Fault } from "../run/fault.js"
import { type Sigstore, signingServices, trustedServices } from "./sigstore.js"

/** Who signs: a private key, or an identity that a CI vendor's token proves (keyless). */
export type Signer =
  | { readonly by: "key"; readonly key: Secret; readonly password: Secret | undefined }
  | { readonly by: "identity"; readonly token: Secret }

/** Whose signature counts: a key's, or an identity's from an issuer (both as in the certificate). */
export type Trusted =
  | { readonly by: "key"; readonly key: File }
  | { readonly by: "identity"; readonly identity: string; readonly issuer: string }

/** Where the public key lies in the container. */
export const PUBLIC_KEY = "/slipway-public.pem"

/**
 * Options of cosign for signing. With a key nothing leaves for a public log: names of images and of people are the
 * site's own. Without one, the log is what makes a short-lived certificate worth something later.
 *
 * @param sigstore whose certificates and log those are; null for the public ones.
 */
export const signingFlags = (signer: Signer, sigstore: Sigstore | null): string =>
  signer.by === "key"
    ? "--yes --key env://SLIPWAY_SIGNING_KEY --use-signing-config=false --tlog-upload=false"
    : `--yes${signingServices(sigstore)}`

/** The secrets of signing, by the environment variables that cosign reads. */
export function signingSecrets(signer: Signer): Readonly<Record<string, Secret>> {
  if (signer.by === "identity") return { SIGSTORE_ID_TOKEN: signer.token }
  return {
    SLIPWAY_SIGNING_KEY: signer.key,
    ...(signer.password ? { COSIGN_PASSWORD: signer.password } : {}),
  }
}

/** Options of cosign for verifying. */
export const trustFlags = (trusted: Trusted, sigstore: Pick<Sigstore, "logsCertificates"> | null): string =>
  trusted.by === "key"
    ? `--key ${PUBLIC_KEY} --insecure-ignore-tlog=true`
    : `--certificate-identity ${quote(trusted.identity)} --certificate-oidc-issuer ${quote(trusted.issuer)}${trustedServices(sigstore)}`

/**
 * Whose signatures a caller trusts.
 *
 * @throws {Fault} `configuration` where that is neither a key nor an identity.
 */
export function trustedBy(key: File | undefined, identity: string, issuer: string): Trusted {
  if (key !== undefined && identity === "" && issuer === "") return { by: "key", key }
  if (key === undefined && identity !== "" && issuer !== "") return { by: "identity", identity, issuer }
  throw new Fault("configuration", {
    what: "no trusted signer given",
    where: null,
    fix: "add `--key cosign.pub`, or `--identity …` and `--issuer …` as in the certificate",
  })
}
