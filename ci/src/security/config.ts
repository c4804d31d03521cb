import * as z from "zod/mini"
import { about, duration, folder, INSIDE, list, orNull, section, text } from "../config/parts.js"
import type { CausesOf, Room, SectionsOf } from "../config/room.js"
import { SEVERITIES } from "../run/finding-schema.js"

/** The scanners that can look at a category, those that do by default first. */
export const SCANNERS = {
  dependencies: ["trivy", "osv-scanner", "npm-audit", "dependency-check", "snyk"],
  code: ["semgrep"],
  secrets: ["gitleaks"],
  "image-scan": ["trivy"],
  infrastructure: ["trivy", "checkov"],
  licences: ["npm"],
} as const

/** Hours that a vulnerability database may be old, where slipway.yaml does not say. */
const MAX_AGE = "48h"

const path = () => text("a path in the project, relative to it", INSIDE)
const flag = (fallback: boolean) => z._default(z.boolean("true or false"), fallback)

function scanners() {
  const one = <const T extends readonly [string, ...string[]]>(names: T) => {
    const expected = `one of ${names.join(", ")}`
    return list(z.enum(names, expected), "a list of scanners", [names[0]])
  }
  return section({
    dependencies: one(SCANNERS.dependencies),
    code: one(SCANNERS.code),
    secrets: one(SCANNERS.secrets),
    "image-scan": one(SCANNERS["image-scan"]),
    infrastructure: one(SCANNERS.infrastructure),
    licences: one(SCANNERS.licences),
  })
}

const policy = () =>
  section({
    severity: about(
      "Findings at or above it fail the check.",
      z._default(z.enum(SEVERITIES, `one of ${SEVERITIES.join(", ")}`), "high"),
    ),
    fixable: about(
      "true: a vulnerability fails the check only where a version without it exists.",
      flag(true),
    ),
    kev: about("true: what is known to be exploited always fails the check.", flag(true)),
    unchanged: about(
      "What becomes of findings that the base has as well.",
      z._default(z.enum(["report", "block"], "report or block"), "report"),
    ),
  })

const WHERE = {
  folder: () => about("A folder of the project that holds the database.", orNull(folder())),
  mirror: () =>
    about(
      "Where to have it from instead of the scanner's own address. Beside a Trivy database named trivy-db, that of Java libraries is trivy-java-db.",
      orNull(text("an address without spaces", /^[^\s-]\S*$/)),
    ),
  volume: () =>
    about("The cache volume that holds it, filled by somebody else.", orNull(text("a name", /^[\w.-]+$/))),
  maxAge: () => about("How old it may be: 24h, 168h.", z.prefault(duration(), MAX_AGE)),
} as const

function databases() {
  const { folder, mirror, volume, maxAge } = WHERE
  return section({
    trivy: section({ folder: folder(), mirror: mirror(), volume: volume(), maxAge: maxAge() }),
    "osv-scanner": section({ folder: folder(), maxAge: maxAge() }),
    "npm-audit": section({ mirror: mirror(), maxAge: maxAge() }),
    "dependency-check": section({ folder: folder(), volume: volume(), maxAge: maxAge() }),
    snyk: section({ mirror: mirror() }),
  })
}

const security = () =>
  section({
    scanners: about("The scanners of each category.", scanners()),
    policy: about("What fails the check.", policy()),
    waivers: about("The file of waivers.", z._default(path(), "waivers.yaml")),
    databases: about("Where vulnerability databases come from, by scanner.", databases()),
    licences: about(
      "SPDX licence identifiers; a star stands for any ending. Without an allow list, all that is not denied is allowed.",
      section({
        allow: list(text("an SPDX identifier"), "a list of SPDX identifiers"),
        deny: list(text("an SPDX identifier"), "a list of SPDX identifiers", ["AGPL-*", "GPL-*", "SSPL-*"]),
      }),
    ),
    sarif: about(
      "SARIF files of other tools in the project (CodeQL), taken in as findings in code.",
      list(path(), "a list of paths"),
    ),
    epss: about("A file of EPSS scores (the CSV of first.org).", orNull(path())),
    kev: about("A file of known exploited vulnerabilities (the JSON catalogue of CISA).", orNull(path())),
  })

/** What is insecure. */
export const ROOM = {
  sections: () => ({
    security: about("What scanners look at, and what fails the check.", security()),
  }),
  stages: {
    dependencies: "Known vulnerabilities in dependencies.",
    code: "Insecure code.",
    secrets: "Secrets in the files and in the commits of the change.",
    "image-scan": "Known vulnerabilities in the built images.",
    infrastructure: "Insecure Terraform and Dockerfiles.",
    licences: "Licences of dependencies, against the lists that are allowed and denied.",
    waivers: "The file of waivers: what in it is expired or unused.",
  },
  seconds: { dependencies: 30, code: 30, "image-scan": 30 },
  gates: {
    dependencies: {
      gate: "added",
      ownBy: ["security.policy", "security.scanners.dependencies"],
      note: "always blocks: what is known to be exploited; a critical vulnerability that has a fix, in what ships",
    },
    code: { gate: "added", ownBy: ["security.policy", "security.scanners.code", "security.sarif"] },
    secrets: {
      gate: "always",
      note: "in the change, or where no base of it is known; older ones are reported",
    },
    "image-scan": {
      gate: "added",
      ownBy: ["security.policy", "security.scanners.image-scan"],
      note: "always blocks: what is known to be exploited",
    },
    infrastructure: { gate: "added", ownBy: ["security.policy", "security.scanners.infrastructure"] },
    licences: { gate: "added", ownBy: ["security.licences", "security.policy"] },
    waivers: { gate: "own" },
  },
  causes: {
    database: { code: 18, meaning: "a vulnerability database is missing, outdated or unreachable" },
  },
} as const satisfies Room

declare module "../config/config.js" {
  interface Config extends SectionsOf<typeof ROOM> {}
}
declare module "../run/causes.js" {
  interface Causes extends CausesOf<typeof ROOM> {}
}
