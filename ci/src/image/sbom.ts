import * as z from "zod/mini"
import { count, fromCommand, skipped } from "../plan/outcome.js"
import type { Workspace } from "../plan/project.js"
import type { Looked } from "../plan/result.js"
import { type Given, type Ran, type StageKind, type StageResult, withEnvironment } from "../plan/stage.js"
import { contextFiles, imageWorkspaces } from "./build.js"
import { imageStage } from "./image.js"

const SBOM = "sbom"
const TRIVY = "aquasec/trivy"

/** Seconds, where slipway.yaml does not say. */
const TIMEOUT = 600

/** Bills of materials by their place in the evidence's `sbom/`, and what Trivy calls the format. */
const FORMATS = { "cdx.json": "cyclonedx", "spdx.json": "spdx-json" } as const

/** Where a bill of materials lies in the evidence. */
export const sbomPath = (workspace: string, format: keyof typeof FORMATS = "cdx.json"): string =>
  `sbom/${workspace}.${format}`

/** Writes the bill of materials of each image. */
export const sbom: StageKind = {
  kind: SBOM,
  purpose: "writes the bill of materials of each image (CycloneDX, SPDX)",
  applies(project) {
    const found = imageWorkspaces(project)
    if (found.length === 0) return { applies: false, reason: "there is no Dockerfile" }
    return {
      applies: true,
      stages: found.map((workspace) => ({
        name: `${SBOM}:${workspace.name}`,
        kind: SBOM,
        needs: [imageStage(workspace)],
        because: `the image of ${workspace.dockerfile}`,
        inputs: contextFiles(project, workspace),
        run: (given) => write(given, workspace),
      })),
    }
  },
}

const fileIn = (format: string) => `/sbom/image.${format}`

async function write(given: Given, workspace: Workspace): Promise<StageResult> {
  const missing = await given.missing(TRIVY)
  if (missing !== null) return notHere(missing)
  const { timeout, env } = given.project.config.stages.sbom
  const ran = await given.command({
    container: withEnvironment(given.image(TRIVY), env).withMountedFile(
      "/image.tar",
      given.from(imageStage(workspace)).asTarball(),
    ),
    steps: [
      { name: "version", run: "trivy --version | head -n 1", timeout: 60 },
      ...Object.entries(FORMATS).map(([file, format]) => ({
        name: format,
        // A bill of materials needs no database: what is not known to the image is not looked up elsewhere.
        run: `mkdir -p /sbom && trivy image --quiet --input /image.tar --offline-scan --skip-java-db-update --format ${format} --output ${fileIn(file)}`,
        timeout: timeout ?? TIMEOUT,
      })),
    ],
    reports: [fileIn("cdx.json")],
  })
  return judge(ran, workspace.name)
}

const notHere = (why: string): StageResult => ({
  ...skipped(why),
  looked: [{ tool: "trivy", version: null, verdict: "skipped", what: why, database: null }],
})

const cycloneDx = () =>
  z.object({
    bomFormat: z.literal("CycloneDX"),
    components: z._default(z.array(z.object({ type: z.string(), purl: z.optional(z.string()) })), []),
  })

/** The outcome of writing a bill of materials. An empty one is none: every image has something in it. */
export function judge(ran: Ran, workspace: string): StageResult {
  const outcome = fromCommand(ran, { passed: "", findings: [], tests: [] })
  const failed = (why: string): StageResult => ({
    ...outcome,
    verdict: "errored",
    cause: outcome.cause === "timed-out" ? "timed-out" : "errored",
    summary: `there is no bill of materials: ${why}`,
    looked: [looked(ran, "errored", why)],
  })
  if (ran.failed !== null) return failed(outcome.summary)
  const packages = packagesOf(ran.reports[fileIn("cdx.json")] ?? "")
  if (packages === null) return failed("Trivy wrote no CycloneDX that can be read")
  if (packages === 0) return failed(`Trivy found no package in the image of ${workspace}`)
  const what = `${count(packages, "package")} of the image of ${workspace}`
  return {
    ...outcome,
    summary: `${count(packages, "package")}, as CycloneDX and SPDX`,
    looked: [looked(ran, "passed", what)],
    measures: [{ name: "packages", value: packages, unit: "", limit: null, base: null }],
    files: Object.fromEntries(
      Object.keys(FORMATS).map((file) => [`sbom/${workspace}.${file}`, ran.container.file(fileIn(file))]),
    ),
  }
}

/** How many packages a CycloneDX document names; null for what is none. */
function packagesOf(text: string): number | null {
  try {
    const { components } = cycloneDx().parse(JSON.parse(text), { jitless: true })
    return components.filter(({ purl }) => purl !== undefined).length
  } catch {
    return null
  }
}

const looked = (ran: Ran, verdict: Looked["verdict"], what: string): Looked => ({
  tool: "trivy",
  version: /Version: (\S+)/.exec(ran.log.text)?.[1] ?? null,
  verdict,
  what,
  database: null,
})
