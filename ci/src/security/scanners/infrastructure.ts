import { dag } from "@dagger.io/dagger"
import { quote } from "../../run/command.js"
import type { Image } from "../../run/images.js"
import { WORKDIR } from "../../run/stage.js"
import { TRIVY } from "../../tools/trivy.js"
import { readCheckov } from "../read/code.js"
import { DidNotLook } from "../read/report.js"
import { readTrivyMisconfigurations } from "../read/trivy.js"
import type { Scan, Scanner } from "../scanner.js"

/** Finds insecure infrastructure. */
export const CHECKOV: Image = { name: "bridgecrew/checkov", tag: "3.3.30" }

const REPORT = "/report/report.json"
const TIMEOUT = 600

/** Checkov's report with checks that passed, which can be too large to be read. */
const ALL = "/report/all.json"
/** `--quiet` leaves passed checks out, and with them the files that it could not parse. */
const WITHOUT_PASSED = [
  "import json",
  `read = json.load(open("${ALL}"))`,
  "for part in read if isinstance(read, list) else [read]: part.get('results', {}).pop('passed_checks', None)",
  `json.dump(read, open("${REPORT}", "w"))`,
].join("\n")

function scanner(tool: string, image: Image, run: string, report: string, read: Scanner["read"]): Scanner {
  return {
    tool,
    image,
    maxAge: () => null,
    async prepare({ given, files }: Scan) {
      if (files.length === 0) throw new DidNotLook(null, "there is neither Terraform nor a Dockerfile")
      const container = given
        .image(image)
        .withDirectory("/report", dag.directory())
        .withDirectory(WORKDIR, given.source)
      return { command: { container, steps: [{ name: tool, run, timeout: TIMEOUT }] }, report }
    },
    read,
  }
}

export const INFRASTRUCTURE = {
  trivy: [
    scanner(
      "trivy",
      TRIVY,
      // With the rules that are built into it: the same version says the same.
      `trivy fs --scanners misconfig --format json --output ${REPORT} --skip-check-update --skip-version-check --offline-scan --no-progress --exit-code 0 ${WORKDIR}`,
      REPORT,
      (text, ran) => readTrivyMisconfigurations(text, ran.log.text),
    ),
  ],
  checkov: [
    scanner(
      "checkov",
      CHECKOV,
      `checkov --directory ${WORKDIR} --framework terraform dockerfile --output json --soft-fail --skip-download --compact >${ALL} && python3 -c ${quote(WITHOUT_PASSED)}`,
      REPORT,
      (text) => readCheckov(text, WORKDIR),
    ),
  ],
} as const
