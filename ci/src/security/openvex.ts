import { sha256 } from "../formats/canonical.js"
import type { Finding } from "../run/result.js"

/**
 * The waived vulnerabilities as an OpenVEX document: what is known, and why it is left. The same findings give the
 * same document.
 *
 * @param at when it was judged, ISO 8601.
 * @see https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md (0.2.0)
 */
export function openVex(project: string, findings: readonly Finding[], at: string): string {
  const statements = findings.flatMap(({ rule, vulnerability, standing }) =>
    vulnerability && standing?.status === "waived" && !rule.startsWith("licence-")
      ? [
          {
            vulnerability: { name: rule, aliases: vulnerability.aliases },
            products: [{ "@id": vulnerability.package }],
            // A waiver accepts a risk; it does not say that there is none.
            status: "affected",
            action_statement: standing.why,
          },
        ]
      : [],
  )
  const id = sha256(JSON.stringify([project, statements]))
  const document = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": `urn:slipway:vex:${id}`,
    author: project,
    timestamp: at,
    version: 1,
    statements,
  }
  return `${JSON.stringify(document, null, 2)}\n`
}
