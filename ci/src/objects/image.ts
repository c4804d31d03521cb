import { type Directory, type File, func, object, type Secret, type Service } from "@dagger.io/dagger"
import type { Call } from "../call.js"
import { checkPushed } from "../deploy/check-pushed.js"
import { checkStages, respond } from "../finish.js"
import { open, required } from "../image/open.js"
import { promote } from "../image/promote.js"
import { push } from "../image/push.js"
import { retain } from "../image/retain.js"
import { sign } from "../image/sign.js"
import { trustedBy } from "../image/signer.js"
import { verifyText } from "../image/verify.js"

/**
 * The images of an app: built, described, and by their digests pushed, signed, verified, promoted.
 *
 * Exit codes: 25 the registry refuses or cannot be reached, 26 the image is unsigned or not signed by a trusted signer,
 * 27 an attestation is missing or wrong, 28 the image was not found.
 */
@object()
export class Image implements Call {
  source!: Directory
  history!: Directory
  base?: File
  secrets!: Secret[]
  aws?: Service
  results?: Directory
  texts!: string

  /** Builds the images of the app's Dockerfiles. */
  @func()
  async build(): Promise<string> {
    return checkStages(this, ["image"])
  }

  /** Builds the images, and writes the bill of materials of each (CycloneDX, SPDX). */
  @func({ cache: "session" })
  async sbom(): Promise<string> {
    return checkStages(this, ["sbom"])
  }

  /**
   * Builds the images and pushes them under the commit's hash. Returns each by its digest, one a line.
   *
   * @param registry Where to, with the path that the repositories lie under: registry.example.org/team.
   * @param username Whose password --registry-password is.
   * @param service A registry that runs as a service, without TLS, under the host that is named.
   */
  @func({ cache: "never" })
  async push(registry: string, username: string = "", service?: Service): Promise<string> {
    return respond(this, async (request) => push(await open(request, username, service), registry))
  }

  /**
   * Checks images as they were pushed: writes the bill of materials of each and scans it, for exactly these layers and each
   * platform. What `evidence` is of already is not looked at again. Leaves evidence, green or red, for the folder `pushed`
   * of the check's: `sign` reads it there.
   *
   * @param images Images by digest, as `push` returns them.
   * @param evidence What `report` exported for the same commit: what its scans know is not new.
   * @param username Whose password --registry-password is.
   * @param service A registry that runs as a service, without TLS, under the host that is named.
   */
  @func({ cache: "never" })
  async check(
    images: string,
    evidence: Directory,
    username: string = "",
    service?: Service,
  ): Promise<Directory> {
    return respond(this, async (request) =>
      checkPushed(request, await open(request, username, service), images, evidence),
    )
  }

  /**
   * Signs images with the key of --signing-key, or with an identity (keyless), and attaches to each its provenance,
   * its bill of materials and the check's verdict, signed as well.
   *
   * @param images Images by digest, as `push` returns them.
   * @param evidence What `report` exported for the same commit, and in its folder `pushed` what `check` did. It must be of
   *   exactly these images: a second build of a commit can have other layers.
   * @param identityToken An OpenID Connect token of the CI vendor, to sign without a key. The signature then
   *   stands in Sigstore's log: the public one, where slipway.yaml names no other (image.sigstore).
   * @param username Whose password --registry-password is.
   * @param service A registry that runs as a service, without TLS, under the host that is named.
   */
  @func({ cache: "never" })
  async sign(
    images: string,
    evidence: Directory,
    identityToken?: Secret,
    username: string = "",
    service?: Service,
  ): Promise<string> {
    return respond(this, async (request) => {
      const opened = await open(request, username, service)
      const { signingKey, signingPassword: password } = opened.secrets
      const signer = identityToken
        ? ({ by: "identity", token: identityToken } as const)
        : ({ by: "key", key: required(signingKey, "--signing-key", "the private key"), password } as const)
      return sign(opened, images, evidence, signer)
    })
  }

  /**
   * Verifies images: signed by a trusted signer, with provenance, bill of materials and a verdict that the same
   * signed, all for exactly this digest; and the check passed.
   *
   * @param images Images by digest.
   * @param key The public key of those who may sign.
   * @param identity Instead of a key: who signed, as it stands in the certificate.
   * @param issuer Who vouches for that identity, as it stands in the certificate.
   * @param username Whose password --registry-password is.
   * @param service A registry that runs as a service, without TLS, under the host that is named.
   */
  @func({ cache: "never" })
  async verify(
    images: string,
    key?: File,
    identity: string = "",
    issuer: string = "",
    username: string = "",
    service?: Service,
  ): Promise<string> {
    return respond(this, async (request) =>
      verifyText(await open(request, username, service), images, trustedBy(key, identity, issuer)),
    )
  }

  /**
   * Copies an image that verifies to another repository, with all its platforms, its signature and what is
   * attested of it. It is not built again: the digest stays. Returns it by its digest there.
   *
   * @param image The image by digest.
   * @param to The other repository: registry.example.org/production/backend.
   * @param tag Its tag there; the commit's hash otherwise.
   * @param key The public key of those who may sign.
   * @param identity Instead of a key: who signed, as it stands in the certificate.
   * @param issuer Who vouches for that identity, as it stands in the certificate.
   * @param username Whose password --registry-password is.
   * @param service A registry that runs as a service, without TLS, under the host that is named.
   */
  @func({ cache: "never" })
  async promote(
    image: string,
    to: string,
    tag: string = "",
    key?: File,
    identity: string = "",
    issuer: string = "",
    username: string = "",
    service?: Service,
  ): Promise<string> {
    return respond(this, async (request) =>
      promote(await open(request, username, service), image, to, tag, trustedBy(key, identity, issuer)),
    )
  }

  /**
   * Says which images of a repository stay by the policy of slipway.yaml (image.retain), and which go and why.
   *
   * @param repository The repository: registry.example.org/team/backend.
   * @param deployed Images that are deployed, by digest: they stay.
   * @param promotedTo Repositories that images are promoted to: what is there stays here.
   * @param apply Delete what goes.
   * @param username Whose password --registry-password is.
   * @param service A registry that runs as a service, without TLS, under the host that is named.
   */
  @func({ cache: "never" })
  async retain(
    repository: string,
    deployed: string[] = [],
    promotedTo: string[] = [],
    apply: boolean = false,
    username: string = "",
    service?: Service,
  ): Promise<string> {
    return respond(this, async (request) =>
      retain(await open(request, username, service), repository, { deployed, promotedTo }, apply),
    )
  }
}
