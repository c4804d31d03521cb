import { type Container, type Directory, dag } from "@dagger.io/dagger"
import { filesBelow } from "../formats/glob.js"
import type { Database } from "../run/result.js"
import { DidNotLook } from "./report.js"
import type { Scan } from "./scanner.js"

/** Seconds for a scanner that downloads a database first. */
export const TIMEOUT = 900
/** Where scanners of packages write their report. */
export const REPORT = "/report/report.json"
/** Where a database lies in the container of its scanner. */
export const DATABASE = "/database"

/** Adds the empty folder that scanners write their reports into. */
export const withReportFolder = (container: Container): Container =>
  container.withDirectory("/report", dag.directory())

/** Returns the database that the project brings. @throws {DidNotLook} where the folder is empty. */
export async function databaseIn({ given }: Scan, folder: string): Promise<Directory> {
  const files = await given.source.glob(filesBelow(folder))
  if (files.some((file) => !file.endsWith("/"))) return given.source.directory(folder)
  throw new DidNotLook(
    "database",
    `vulnerability database not found in ${folder}. Put it there, or change \`security.databases\` in slipway.yaml`,
  )
}

/** A database that is asked over the network. Its date is that of the question: see `look`. */
export const live = (source: string): Database => ({ source, updatedAt: "" })

/** The files of a database that the project brings along, as glob patterns. */
export const databaseFiles = (folder: string | null): readonly string[] =>
  folder === null ? [] : [filesBelow(folder)]
