import { dag } from "@dagger.io/dagger"
import { INSTALL } from "../../project/install.js"
import { WORKDIR } from "../../run/stage.js"
import { readNpmLicences } from "../read/npm.js"
import type { Scanner } from "../scanner.js"

const REPORT = "/report/report.json"

/** What is shipped: tools of development are left out. */
const npm: Scanner = {
  tool: "npm",
  image: null,
  maxAge: () => null,
  prepare: async ({ given }) => ({
    command: {
      container: given.from(INSTALL).withDirectory("/report", dag.directory()).withWorkdir(WORKDIR),
      steps: [{ name: "licences", run: `npm query ':not(.dev)' >${REPORT}`, timeout: 300 }],
    },
    report: REPORT,
  }),
  read: (text, _ran, { given, settings: { licences } }) =>
    readNpmLicences(text, licences.allow, licences.deny, given.project.lockFile ?? "package.json"),
}

export const LICENCES = { npm: [npm] } as const
