import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { crc32 } from "node:zlib"
import { quote } from "../../ci/src/run/command.js"
import { DEPENDENCY_CHECK } from "../../ci/src/security/tools/dependency-check.js"
import { dagger } from "../engine/support.js"

/** A vulnerability to plant in a database. */
export interface Planted {
  readonly cve: string
  readonly ghsa: string
  /** The npm package that has it, and the first version without it. */
  readonly package: string
  readonly fixed: string
}

const BOLT = fileURLToPath(new URL("bolt", import.meta.url))
const GHSA = "npm::GitHub Security Advisory npm"

/** Makes a database of Trivy's in a folder. @see https://github.com/aquasecurity/trivy-db */
export function trivyDatabase(folder: string, one: Planted, made: Date, debian: Planted | null = null): void {
  const advisory = {
    PatchedVersions: [one.fixed],
    VulnerableVersions: [`<${one.fixed}`],
    VendorIDs: [one.ghsa],
  }
  const known = JSON.stringify({ Title: "planted", Severity: "HIGH" })
  const parts = {
    "data-source": {
      [GHSA]: JSON.stringify({ ID: "ghsa", Name: GHSA.slice(5), URL: "https://example.org" }),
    },
    [GHSA]: { [one.package]: { [one.cve]: JSON.stringify(advisory) } },
    vulnerability: { [one.cve]: known, ...(debian ? { [debian.cve]: known } : {}) },
    ...(debian
      ? {
          "debian 12": { [debian.package]: { [debian.cve]: JSON.stringify({ FixedVersion: debian.fixed }) } },
        }
      : {}),
  }
  fs.mkdirSync(path.join(folder, "db"), { recursive: true })
  const file = path.join(folder, "db/trivy.db")
  execFileSync("go", ["run", "-mod=readonly", ".", file], { cwd: BOLT, input: JSON.stringify(parts) })
  const at = made.toISOString()
  const metadata = { Version: 2, NextUpdate: at, UpdatedAt: at, DownloadedAt: at }
  fs.writeFileSync(path.join(folder, "db/metadata.json"), JSON.stringify(metadata))
}

/** Makes a database of OSV's in a folder. @see https://ossf.github.io/osv-schema/ */
export function osvDatabase(folder: string, one: Planted, made: Date): void {
  const events = [{ introduced: "0" }, { fixed: one.fixed }]
  const advisory = {
    schema_version: "1.6.0",
    id: one.ghsa,
    aliases: [one.cve],
    modified: made.toISOString(),
    summary: "planted",
    affected: [{ package: { ecosystem: "npm", name: one.package }, ranges: [{ type: "SEMVER", events }] }],
    database_specific: { severity: "HIGH" },
  }
  fs.mkdirSync(path.join(folder, "npm"), { recursive: true })
  fs.writeFileSync(path.join(folder, "npm/all.zip"), zip(`${one.ghsa}.json`, JSON.stringify(advisory)))
  fs.writeFileSync(path.join(folder, "updated-at"), made.toISOString())
}

/** Makes a database of Dependency-Check's in a folder, with its own schema. @see https://h2database.com/html/tutorial.html#using_the_script_and_runscript */
export async function owaspDatabase(folder: string, one: Planted, made: Date): Promise<void> {
  const sql = `
INSERT INTO vulnerability (id, cve, description, v3Version, v3BaseScore, v3BaseSeverity, v3AttackVector,
  v3AttackComplexity, v3PrivilegesRequired, v3UserInteraction, v3Scope, v3ConfidentialityImpact, v3IntegrityImpact,
  v3AvailabilityImpact) VALUES (1, '${one.cve}', 'planted', '3.1', 7.5, 'HIGH', 'NETWORK', 'LOW', 'NONE', 'NONE',
  'UNCHANGED', 'NONE', 'NONE', 'HIGH');
INSERT INTO cpeEntry (id, part, vendor, product, version, update_version, edition, lang, sw_edition, target_sw, target_hw,
  other, ecosystem) VALUES (1, 'a', '${one.package}_project', '${one.package}', '*', '*', '*', '*', '*', 'node.js', '*', '*',
  'nodejs');
INSERT INTO software (cveid, cpeEntryId, versionEndExcluding, vulnerable) VALUES (1, 1, '${one.fixed}', TRUE);
INSERT INTO properties (id, \`value\`) VALUES ('nvd.api.last.modified', '${made.toISOString()}');
`
  const run = (script: string) =>
    `java -cp '/usr/share/dependency-check/lib/*' org.h2.tools.RunScript -url jdbc:h2:file:/made/odc -user dcuser -password 'DC-Pass1337!' -script ${script}`
  const steps = [
    "container",
    `from ${DEPENDENCY_CHECK.name}:${DEPENDENCY_CHECK.tag}`,
    `with-new-file /planted.sql ${quote(sql)}`,
    `with-exec -- sh -c ${quote(`${run("classpath:data/initialize.sql")} && ${run("/planted.sql")}`)}`,
    "directory /made",
    `export ${quote(folder)}`,
  ]
  const { code, stderr } = await dagger("/", "-M", "-c", steps.join(" | "))
  if (code !== 0) throw new Error(stderr)
}

/** A ZIP archive of one file, stored as it is. @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT section 4.3 */
function zip(name: string, content: string): Buffer {
  const [title, data] = [Buffer.from(name), Buffer.from(content)]
  const common = Buffer.alloc(26)
  common.writeUInt16LE(20, 0)
  common.writeUInt32LE(crc32(data), 10)
  common.writeUInt32LE(data.length, 14)
  common.writeUInt32LE(data.length, 18)
  common.writeUInt16LE(title.length, 22)
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, title, data])
  const central = Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), common, Buffer.alloc(14), title])
  const end = Buffer.alloc(18)
  end.writeUInt16LE(1, 4)
  end.writeUInt16LE(1, 6)
  end.writeUInt32LE(central.length, 8)
  end.writeUInt32LE(local.length, 12)
  return Buffer.concat([local, central, Buffer.from("PK\x05\x06"), end])
}
