import * as z from "zod/mini"
import { severityOfScore } from "../../formats/cvss.js"
import { plural } from "../../formats/figures.js"
import { packageUrl } from "../../formats/purl.js"
import { inPackage, severityOf } from "../finding.js"
import { DidNotLook, maybe, type Read, readReport } from "./report.js"

const vulnerability = z.object({
  id: z.string(),
  aliases: maybe(z.array(z.string())),
  summary: maybe(z.string()),
  affected: maybe(
    z.array(
      z.object({
        package: maybe(z.object({ name: z.string() })),
        ranges: maybe(z.array(z.object({ events: z.array(z.object({ fixed: maybe(z.string()) })) }))),
      }),
    ),
  ),
  database_specific: maybe(z.object({ severity: maybe(z.string()) })),
})

const report = z.object({
  results: z.array(
    z.object({
      source: z.object({ path: z.string() }),
      packages: z.array(
        z.object({
          package: z.object({ name: z.string(), version: z.string(), ecosystem: z.string() }),
          vulnerabilities: maybe(z.array(vulnerability)),
          groups: maybe(z.array(z.object({ ids: z.array(z.string()), max_severity: maybe(z.string()) }))),
        }),
      ),
    }),
  ),
})

/** @param root where the project lies in the container; it is cut off paths. */
export function readOsv(text: string, root: string): Read {
  const { results } = readReport(report, text)
  const packages = results.reduce((sum, one) => sum + one.packages.length, 0)
  if (packages === 0)
    throw new DidNotLook("errored", "it found no package to look at, in no lock file that it reads")
  const findings = results.flatMap(({ source, packages }) =>
    packages.flatMap(({ package: { name, version, ecosystem }, vulnerabilities, groups }) =>
      (vulnerabilities ?? []).map((one) => {
        const group = groups?.find(({ ids }) => ids.includes(one.id))
        const cvss = Number(group?.max_severity || Number.NaN)
        const said = one.database_specific?.severity
        return inPackage("osv-scanner", [one.id, ...(one.aliases ?? [])], {
          severity: said || Number.isNaN(cvss) ? severityOf(said) : severityOfScore(cvss),
          message: `${name} ${version}: ${one.summary ?? one.id}`,
          file: source.path.startsWith(`${root}/`) ? source.path.slice(root.length + 1) : source.path,
          package: packageUrl(ecosystem, name, version),
          fixed: fixedIn(one, name),
          cvss: Number.isNaN(cvss) ? null : cvss,
        })
      }),
    ),
  )
  return { findings, what: plural(packages, "package"), version: null }
}

/** The version of a package that is named last as one without the vulnerability. */
const fixedIn = ({ affected }: z.output<typeof vulnerability>, name: string): string | null =>
  (affected ?? [])
    .filter((one) => !one.package || one.package.name === name)
    .flatMap(({ ranges }) => ranges ?? [])
    .flatMap(({ events }) => events)
    .findLast(({ fixed }) => fixed)?.fixed ?? null
