import { check, type Directory, type File, func, object, type Secret, type Service } from "@dagger.io/dagger"
import type { Call } from "../call.js"
import { scanLive } from "../deploy/scan-live.js"
import { checkStages, respond } from "../finish.js"

/** Scans for what is insecure. Each names what looked, at what, with which database. */
@object()
export class Scan implements Call {
  source!: Directory
  history!: Directory
  base?: File
  secrets!: Secret[]
  aws?: Service
  results?: Directory
  texts!: string

  /** Looks for known vulnerabilities in dependencies: Trivy, or the scanners that slipway.yaml names. */
  @func({ cache: "session" })
  @check()
  async dependencies(): Promise<string> {
    return checkStages(this, ["dependencies", "waivers"])
  }

  /** Looks for insecure code: Semgrep with a few sure rules, and SARIF files of other tools. */
  @func({ cache: "session" })
  @check()
  async code(): Promise<string> {
    return checkStages(this, ["code", "waivers"])
  }

  /** Looks for secrets in the files, and in the commits since the base: gitleaks. */
  @func({ alias: "secrets", cache: "session" })
  @check()
  async inFiles(): Promise<string> {
    return checkStages(this, ["secrets", "waivers"])
  }

  /** Looks for known vulnerabilities in the built images: Trivy. */
  @func({ cache: "session" })
  @check()
  async image(): Promise<string> {
    return checkStages(this, ["image-scan", "waivers"])
  }

  /**
   * Looks for known vulnerabilities in images that run: what became known since they were deployed. Not part of `all`;
   * run it each night. With --base result.json of their release, only what is new since then blocks.
   *
   * Exit codes: 22 a finding blocks, 25 the registry refuses or cannot be reached, 28 nothing runs, or it is not known.
   *
   * @param env An environment that Slipway deploys to: what is live there is scanned.
   * @param images Instead: images by digest, one a line or with commas between them.
   * @param username Whose password --registry-password is.
   * @param registry A registry that runs as a service, without TLS, under the host that is named.
   */
  @func({ cache: "never" })
  async live(
    env: string = "",
    images: string = "",
    username: string = "",
    registry?: Service,
  ): Promise<string> {
    return respond(this, (request) => scanLive(request, { env, images, username, registry }))
  }

  /** Looks for insecure Terraform and Dockerfiles: Trivy, and Checkov where slipway.yaml names it. */
  @func({ cache: "session" })
  @check()
  async infrastructure(): Promise<string> {
    return checkStages(this, ["infrastructure", "waivers"])
  }

  /** Holds the licences of dependencies against the lists of what is allowed and denied. */
  @func({ cache: "session" })
  @check()
  async licences(): Promise<string> {
    return checkStages(this, ["licences", "waivers"])
  }

  /** All scans. */
  @func({ cache: "session" })
  @check()
  async all(): Promise<string> {
    return checkStages(this, [
      "dependencies",
      "code",
      "secrets",
      "image-scan",
      "infrastructure",
      "licences",
      "waivers",
    ])
  }
}
