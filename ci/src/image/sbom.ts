import { type Container, dag, type File } from "@dagger.io/dagger"
import * as z from "zod/mini"
import { settingsOf } from "../config/stage-settings.js"
import { plural } from "../formats/figures.js"
import type { Project } from "../project/project.js"
import { type Image, NODE } from "../run/images.js"
import { fromCommand } from "../run/outcome.js"
import type { Looked } from "../run/result.js"
import {
  type Given,
  type Ran,
  type Stage,
  type StageKind,
  type StageResult,
  withEnvironment,
} from "../run/stage.js"
import { TRIVY } from "../tools/trivy.js"
import { contextFiles, imagesOf } from "./build.js"
import { imageStage } from "./image.js"

const SBOM = "sbom"

/** Seconds, where slipway.yaml does not say. */
const TIMEOUT = 600

/** Bills of materials by the end of their file's name: CycloneDX and SPDX. */
const FORMATS = ["cdx.json", "spdx.json"] as const
type Format = (typeof FORMATS)[number]

/** Where a bill of materials lies in the evidence. */
const sbomPath = (name: string, format: Format): string => `sbom/${name}.${format}`

/** Tells whether a file of the evidence is a bill of materials in CycloneDX. */
export const isCycloneDx = (path: string): boolean => path.startsWith("sbom/") && path.endsWith(".cdx.json")

const fileIn = (format: Format) => `/sbom/image.${format}`

const IMAGE = "/image.tar"

/** Writes bills of materials. The published image holds the program alone, and no shell. */
export const SYFT: Image = { name: "anchore/syft", tag: "v1.52.0" }

/** What writes bills of materials. Each command makes one file or more. */
interface Tool {
  readonly image: Image
  readonly container: (given: Given) => Container
  readonly version: string
  readonly commands: readonly string[]
}

const trivyWrites = (format: string, file: Format): string =>
  // It needs a database for libraries of Java alone, and fetches it where an image has some.
  `trivy image --quiet --input ${IMAGE} --offline-scan --format ${format} --output ${fileIn(file)}`

const TOOLS: Readonly<Record<Project["config"]["image"]["sbom"], Tool>> = {
  trivy: {
    image: TRIVY,
    container: (given) => given.image(TRIVY),
    version: "trivy --version | head -n 1",
    commands: [trivyWrites("cyclonedx", "cdx.json"), trivyWrites("spdx-json", "spdx.json")],
  },
  syft: {
    image: SYFT,
    container: (given) =>
      given
        .image(NODE)
        .withFile("/usr/local/bin/syft", given.image(SYFT).file("/syft"))
        .withEnvVariable("SYFT_CHECK_FOR_APP_UPDATE", "false"),
    version: "syft --version",
    commands: [
      `syft scan --quiet docker-archive:${IMAGE} -o cyclonedx-json=${fileIn("cdx.json")} -o spdx-json=${fileIn("spdx.json")}`,
    ],
  },
}

/** Writes the bill of materials of each image. */
export const sbom: StageKind = {
  kind: SBOM,
  applies(project) {
    const found = imagesOf(project)
    if (found.length === 0) return { applies: false, reason: "no Dockerfile to build" }
    return {
      applies: true,
      stages: found.map((dockerfile) =>
        sbomOf({
          name: dockerfile.name,
          file: dockerfile.name,
          needs: [imageStage(dockerfile)],
          because: `the image of ${dockerfile.file}`,
          inputs: contextFiles(project, dockerfile),
          tarball: async (given) => given.from(imageStage(dockerfile)).asTarball(),
        }),
      ),
    }
  },
}

/** An image that gets a bill of materials. */
export interface Listed extends Pick<Stage, "needs" | "because" | "inputs"> {
  /** What its stage is called behind `sbom:`. */
  readonly name: string
  /** What its files in the evidence are called before their format. */
  readonly file: string
  readonly tarball: (given: Given) => Promise<File>
}

/** The stage that writes the bill of materials of an image. */
export const sbomOf = ({ name, file, tarball, ...rest }: Listed): Stage => ({
  ...rest,
  name: `${SBOM}:${name}`,
  kind: SBOM,
  run: async (given) => write(given, file, await tarball(given)),
})

async function write(given: Given, name: string, tarball: File): Promise<StageResult> {
  const { image } = given.project.config
  const settings = settingsOf(given.project.config, "sbom")
  const tool = TOOLS[image.sbom]
  const ran = await given.command({
    container: withEnvironment(tool.container(given), settings.env)
      .withDirectory("/sbom", dag.directory())
      .withMountedFile(IMAGE, tarball),
    steps: [
      { name: "version", run: tool.version, timeout: 60 },
      ...tool.commands.map((run) => ({ name: image.sbom, run, timeout: settings.timeout ?? TIMEOUT })),
    ],
    reports: [fileIn("cdx.json")],
  })
  return judge(ran, image.sbom, name)
}

const cycloneDx = () =>
  z.object({
    bomFormat: z.literal("CycloneDX"),
    components: z._default(z.array(z.object({ type: z.string(), purl: z.optional(z.string()) })), []),
  })

/** The outcome of writing a bill of materials. An empty one is an error: every image has something in it. */
function judge(ran: Ran, tool: string, workspace: string): StageResult {
  const outcome = fromCommand(ran, { passed: "", findings: [], tests: [] })
  const failed = (why: string): StageResult => ({
    ...outcome,
    verdict: "errored",
    cause: outcome.cause === "timed-out" ? "timed-out" : "errored",
    summary: `no bill of materials: ${why}`,
    looked: [looked(ran, tool, "errored", why)],
  })
  if (ran.failed !== null) return failed(outcome.summary)
  const packages = packagesOf(ran.reports[fileIn("cdx.json")] ?? "")
  if (packages === null) return failed(`${tool} wrote no CycloneDX that can be read`)
  if (packages === 0) return failed(`${tool} found no package in the image of ${workspace}`)
  const what = `${plural(packages, "package")} of the image of ${workspace}`
  return {
    ...outcome,
    summary: `${plural(packages, "package")}, as CycloneDX and SPDX`,
    looked: [looked(ran, tool, "passed", what)],
    measures: [{ name: "packages", value: packages, unit: "", limit: null, base: null }],
    files: Object.fromEntries(
      FORMATS.map((format) => [sbomPath(workspace, format), ran.container.file(fileIn(format))]),
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

const looked = (ran: Ran, tool: string, verdict: Looked["verdict"], what: string): Looked => ({
  tool,
  version: /(?:Version:|syft) (\d\S+)/.exec(ran.log.text)?.[1] ?? null,
  verdict,
  what,
  database: null,
})
