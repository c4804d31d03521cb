import type { Finding } from "../run/result.js"
import type { Given } from "../run/stage.js"
import { acceptedBy } from "./accepted.js"
import { NOTHING_KNOWN, readEpss, readKev } from "./known.js"
import { readWaivers, type Waiver } from "./waivers.js"

/** Reads what is known of vulnerabilities beside their severity, from the files that slipway.yaml names. */
export async function knownOf(given: Given, files: readonly string[]) {
  const { epss, kev } = given.project.config.security
  const read = (path: string) => given.source.file(path).contents()
  return {
    epss: epss !== null && files.includes(epss) ? readEpss(await read(epss), epss) : NOTHING_KNOWN.epss,
    kev: kev !== null && files.includes(kev) ? readKev(await read(kev), kev) : NOTHING_KNOWN.kev,
  }
}

/** Reads waivers. A broken file waives nothing: the stage `waivers` reports it. */
export async function waiversOf(
  given: Given,
  files: readonly string[],
  now: number,
): Promise<readonly Waiver[]> {
  const path = given.project.config.security.waivers
  if (!files.includes(path)) return []
  try {
    return readWaivers(await given.source.file(path).contents(), path, now)
  } catch {
    return []
  }
}

/** Reads what the scanners' own files accept. */
export async function acceptedOf(given: Given, files: readonly string[]): Promise<readonly Waiver[]> {
  const read = async (file: string) => acceptedBy(file)?.(await given.source.file(file).contents()) ?? []
  return (await Promise.all(files.filter((file) => acceptedBy(file) !== null).map(read))).flat()
}

/** Reads the lines that findings are at, for their fingerprints. */
export async function linesOf(
  given: Given,
  findings: readonly Finding[],
): Promise<(finding: Finding) => string | null> {
  const wanted = findings.filter((one) => !one.fingerprint && !one.vulnerability && one.line !== null)
  const files = [...new Set(wanted.flatMap(({ file }) => file ?? []))]
  const read = async (file: string): Promise<[string, readonly string[]]> => {
    try {
      return [file, (await given.source.file(file).contents()).split("\n")]
    } catch {
      return [file, []]
    }
  }
  const lines = new Map(await Promise.all(files.map(read)))
  return ({ file, line }) => (file === null || line === null ? null : (lines.get(file)?.[line - 1] ?? null))
}
