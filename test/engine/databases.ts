import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { crc32 } from "node:zlib"

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
