/** The databases and the services that scanners ask. What lies in the project, or in a volume, is no need. */
import type { Config } from "../config/config.js"
import type { Stage } from "../run/stage.js"
import type { Category, ToolName } from "../security/scanner.js"
import { javaMirror } from "../security/tools/trivy.js"
import type { Single } from "./need.js"

type Databases = Config["security"]["databases"]

/** Trivy's own: https://trivy.dev/latest/docs/configuration/db/ */
const TRIVY = "mirror.gcr.io/aquasec/trivy-db:2"

const artifact = (name: string, from: string | null) => (from === null ? [] : [{ name, from }])

/** By scanner: what it downloads or asks. */
const SOURCES: Partial<
  Readonly<Record<ToolName, (databases: Databases) => readonly Pick<Single, "name" | "from">[]>>
> = {
  trivy: ({ trivy: { folder, volume, mirror } }) => {
    if (folder !== null || volume !== null) return []
    const main = mirror ?? TRIVY
    return [...artifact("trivy", main), ...artifact("trivy, of Java libraries", javaMirror(main))]
  },
  "osv-scanner": ({ "osv-scanner": { folder } }) =>
    folder === null ? [{ name: "OSV", from: "https://api.osv.dev/" }] : [],
  "npm-audit": ({ "npm-audit": { mirror } }) => [
    { name: "npm advisories", from: mirror ?? "https://registry.npmjs.org/" },
  ],
  "dependency-check": ({ "dependency-check": { folder, volume } }) =>
    folder === null && volume === null ? [{ name: "NVD", from: "https://services.nvd.nist.gov/" }] : [],
  snyk: ({ snyk: { mirror } }) => [{ name: "Snyk", from: mirror ?? "https://api.snyk.io/v1" }],
}

/** Scans that look for vulnerabilities: others need no database. */
const WITH_DATABASE: readonly Category[] = ["dependencies", "image-scan"]

/** Returns the databases that the scans of a plan need. */
export const databases = ({ security }: Config, stages: readonly Stage[]): readonly Single[] =>
  WITH_DATABASE.filter((category) => stages.some(({ kind }) => kind === category)).flatMap((category) =>
    security.scanners[category].flatMap((tool) =>
      (SOURCES[tool]?.(security.databases) ?? []).map(
        (source): Single => ({
          kind: "database",
          ...source,
          for: category,
        }),
      ),
    ),
  )

/** Returns the registry of Terraform's providers, where there is Terraform. */
export function providers({ terraform }: Config, stages: readonly Stage[]): readonly Single[] {
  const { folder, mirror } = terraform.providers
  if (folder !== null || !stages.some(({ kind }) => kind === "terraform-validate")) return []
  const own = { tofu: "https://registry.opentofu.org/", terraform: "https://registry.terraform.io/" }
  const from = mirror ?? own[terraform.program]
  return [{ kind: "registry", name: "Terraform providers", from, for: "terraform-validate" }]
}
