import { dag } from "@dagger.io/dagger"
import { WORKDIR } from "../../run/stage.js"
import { SEMGREP } from "../../tools/semgrep.js"
import { readSemgrep } from "../read/code.js"
import { DidNotLook } from "../read/report.js"
import { RULES } from "../rules.js"
import type { Scanner } from "../scanner.js"

const REPORT = "/report/report.json"

const semgrep: Scanner = {
  tool: "semgrep",
  image: SEMGREP,
  maxAge: () => null,
  async prepare({ given, files }) {
    if (files.length === 0) throw new DidNotLook(null, "there is no source file that its rules are for")
    return {
      command: {
        container: given
          .image(SEMGREP)
          .withDirectory("/report", dag.directory())
          // JSON is YAML too.
          .withNewFile("/rules/slipway.yaml", JSON.stringify({ rules: RULES }))
          .withDirectory(WORKDIR, given.source)
          .withWorkdir(WORKDIR),
        steps: [
          {
            name: "semgrep",
            run: `semgrep scan --config /rules/slipway.yaml --metrics off --disable-version-check --no-git-ignore --oss-only --quiet --json --output ${REPORT} .`,
            timeout: 900,
          },
        ],
      },
      report: REPORT,
    }
  },
  read: (text) => readSemgrep(text),
}

export const CODE = { semgrep: [semgrep] } as const
