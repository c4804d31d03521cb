import { check, type Directory, type File, func, object, type Secret, type Service } from "@dagger.io/dagger"
import type { Call } from "../call.js"
import { checkStages } from "../finish.js"

/** Scans for what is insecure. Each names what looked, at what, with which database. */
@object()
export class Scan implements Call {
  folders: Directory[] = []
  files: File[] = []
  secrets: Secret[] = []
  services: Service[] = []
  settings: string = ""

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
