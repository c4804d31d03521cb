import type { Image } from "../run/images.js"
import { WORKDIR } from "../run/stage.js"
import { REPORT, withReportFolder } from "./database.js"
import { DidNotLook } from "./report.js"
import type { Job, Scan } from "./scanner.js"

const TIMEOUT = 600

/**
 * Returns how to run a scanner on a project's infrastructure.
 *
 * @param run its command, which writes its report to {@link REPORT}.
 * @throws {DidNotLook} where the project has none.
 */
export function infrastructureJob({ given, files }: Scan, image: Image, name: string, run: string): Job {
  if (files.length === 0) throw new DidNotLook(null, "no Terraform file and no Dockerfile")
  const container = withReportFolder(given.image(image)).withDirectory(WORKDIR, given.source)
  return { command: { container, steps: [{ name, run, timeout: TIMEOUT }] }, report: REPORT }
}
