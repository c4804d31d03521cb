import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { deployRequest } from "../../../ci/src/deploy/request.js"
import { NO_CONTEXT } from "../../../ci/src/run/context.js"
import { Fault } from "../../../ci/src/run/fault.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { readRequest } from "../../../modules/deploy/program/core/request.ts"
import { sample } from "../testdata.js"

const ROOT = path.join(import.meta.dirname, "../../..")

/** A file's text, whatever its imports call the folders and endings of files. */
const textOf = (file: string) =>
  fs
    .readFileSync(path.join(ROOT, file), "utf8")
    .replace(/^import \{([^}]*)\}/gm, (_, names: string) => names.split(/[\s,]+/).join(" "))
    .replace(/"(?:\.{1,2}\/)+(?:\w+\/)*(\w+)\.[jt]s"/g, '"$1"')

describe("the schema of an environment", () => {
  test.each([
    ["ci/src/deploy/environment/keys.ts", "keys.ts"],
    ["ci/src/deploy/environment/vendors.ts", "vendors.ts"],
    ["ci/src/deploy/environment/watched.ts", "watched.ts"],
    ["ci/src/deploy/environment/windows.ts", "windows.ts"],
    ["ci/src/deploy/environment/services.ts", "services.ts"],
    ["ci/src/config/parts.ts", "parts.ts"],
    ["ci/src/deploy/environment/people.ts", "people.ts"],
    ["ci/src/deploy/environment/statement.ts", "statement.ts"],
  ])("is the same in the check and in the deployer: %s", (file, copy) => {
    expect(textOf(`modules/deploy/program/environment/${copy}`)).toBe(textOf(file))
  })
})

test("SSH's signatures are verified by the same code in the check and in the deployer", () => {
  expect(textOf("ci/src/formats/ssh.ts")).toBe(textOf("modules/deploy/program/core/approvals/ssh.ts"))
})

const STAGING = `environments:
  staging:
    account: "111111111111"
    region: eu-central-1
    cluster: shared
    state: { bucket: deployments }
    services: [{ name: web, container: web, image: web }]
`

/** The lines of a fault of a slipway.yaml with more under the environment. */
function problems(more: string): readonly string[] {
  try {
    parseConfig(`${STAGING}    ${more}\n`)
    return []
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return error.message.split("\n").filter((line) => /^slipway\.yaml:\d/.test(line))
  }
}

describe("an environment of slipway.yaml", () => {
  test.each([
    ["databse: {}", /^slipway\.yaml:8:5: unknown key "databse" in environments\.staging; .*"database"/],
    ["checks: [{ url: nope }]", /:8:21: environments\.staging\.checks\[0\]\.url: .*"nope"/],
    ["freeze: { zone: Mars/Base, windows: [] }", /:8:21: .*freeze\.zone: expected a time zone/],
    ["freeze: { zone: UTC, windows: [{ days: [fry] }] }", /:8:45: .*windows\[0\]\.days\[0\]: .*"fry"/],
    [
      "freeze: { zone: UTC, windows: [{ from: 2026-12-24, to: 24.12. }] }",
      /:8:60: .*windows\[0\]\.to: .*"24\.12\."/,
    ],
    [
      "freeze: { zone: UTC, windows: [{ from: 2026-12-26, to: 2026-12-24 }] }",
      /:8:60: .*windows\[0\]\.to: expected the last day after the first/,
    ],
    [
      'approvals: { identities: { "a@x.org": { also: [ada] }, "b@x.org": { also: ["@Ada"] } } }',
      /:8:71: .*identities\.b@x\.org: expected names and keys that nobody else has: a@x\.org has ada/,
    ],
    [
      'approvals: { identities: { "a@x.org": { keys: [AAAA] } } }',
      /keys\[0\]: expected a public key such as/,
    ],
    ["approvals: { identities: { ada: {} } }", /:8:32: .*expected an e-mail address/],
    ["approvals: { vendor: { kind: github, repository: app } }", /vendor\.repository: expected a repository/],
    ["notifications: [{ kind: slak, name: a }]", /:8:29: .*notifications\[0\]\.kind: expected slack/],
    [
      "bake: { minutes: 5, metrics: [{ name: a, namespace: b, metric: c, good: { below: x } }] }",
      /:8:86: .*good\.below: expected a number/,
    ],
    ["approvals: { required: -1 }", /:8:28: .*approvals\.required/],
    ["migration: { container: m, phase: expand }", /:8:16: .*migration: expected either a service or/],
    [
      "migration: { service: api, container: m, phase: expand }",
      /:8:27: .*migration\.service: expected one of the services: web, found the text "api"/,
    ],
  ])("is refused where it is wrong: %s", (more, message) => {
    const [first, ...others] = problems(more)
    expect(first).toMatch(message)
    expect(others).toEqual([])
  })

  test("is refused for a service that is named twice", () => {
    const service = "{ name: web, container: web, image: web }"
    const twice = STAGING.replace(/services: .*/, `services: [${service}, ${service}]`)
    expect(() => parseConfig(twice)).toThrow(/:7:67: environments\.staging\.services\[1\]\.name/)
  })

  test("is what the deployer reads", () => {
    const config = parseConfig(sample("config/rich.yaml"))
    const commit = "c".repeat(40)
    const request = deployRequest(
      {
        action: "status",
        environment: "production",
        images: [],
        approvals: "",
        breakGlass: "",
        answer: "",
        to: 0,
        from: "",
        takeOver: false,
        repair: false,
        trial: null,
        wayBack: false,
      },
      {
        config,
        context: NO_CONTEXT,
        commits: { commit, author: "Ada", history: [], ancestors: [], complete: true },
      },
    )
    const read = readRequest(JSON.stringify(request))
    expect(read.ok ? [] : read.problems).toEqual([])
    expect(read.ok && read.request.environment.approvals).toMatchObject({
      required: 2,
      maxAgeHours: 72,
      people: null,
    })
  })
})
