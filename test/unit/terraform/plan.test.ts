import { describe, expect, test } from "vitest"
import { type Binding, readState, stale } from "../../../ci/src/terraform/binding.js"
import { differences, redactedDifferences } from "../../../ci/src/terraform/differences.js"
import { type Change, readPlan } from "../../../ci/src/terraform/plan-json.js"
import { judgePlan } from "../../../ci/src/terraform/plan-policy.js"
import { blot, redact, SENSITIVE, UNKNOWN, withUnknown } from "../../../ci/src/terraform/redact.js"
import { readSource } from "../../../ci/src/terraform/roots.js"
import { seal, unseal } from "../../../ci/src/terraform/seal.js"
import { headline, summaryJson, summaryMarkdown } from "../../../ci/src/terraform/summary.js"
import { sample } from "../testdata.js"

/** What Terraform 1.11.4 showed of plans of `main.tf.txt`; see there. */
const CHANGE = sample("terraform/change.json")
const CREATE = sample("terraform/create.json")
/** The password before and after. */
const SECRETS = ["hunter2-secret", "changed-secret"]

/** The plan as if its resources were of another type. */
const planOf = (text: string, type: string) => readPlan(text.replaceAll("terraform_data", type))

const BINDING: Binding = {
  schema: 1,
  commit: "0123456789abcdef",
  environment: "staging",
  root: "infra",
  workspace: "default",
  program: "terraform",
  version: "1.11.4",
  lockFile: "sha256:1",
  source: "sha256:2",
  state: { lineage: "a-b", serial: 7 },
  plan: "sha256:3",
  exitCode: 2,
  madeAt: "2026-11-26T12:00:00.000Z",
  actor: "alice",
  run: null,
}

describe("a plan that was read", () => {
  const plan = readPlan(CHANGE)
  const change = (index: string): Change | undefined =>
    plan.changes.find(({ address }) => address.endsWith(`["${index}"]`))

  test("has each resource with what is done to it", () => {
    expect(plan.changes.map(({ name, action }) => [name, action])).toEqual([
      ["app", "update"],
      ["app", "delete"],
      ["app", "update"],
      ["app", "create"],
      ["app", "replace"],
      ["token", "update"],
    ])
    expect(headline(plan)).toBe("1 to destroy, 1 to replace, 3 to change, 1 to create, 2 outputs")
  })

  test("tells that a sensitive value changes, and not which", () => {
    expect(change("changed")?.differences).toEqual([
      { path: "input.color", before: "one", after: "two" },
      { path: "input.hosts.1", before: SENSITIVE, after: SENSITIVE },
      { path: "input.login.password", before: SENSITIVE, after: SENSITIVE },
      { path: "output", before: expect.anything(), after: UNKNOWN },
    ])
  })

  test("holds no secret, not even where Terraform lost its mark", () => {
    expect(CHANGE).toContain(
      '"sensitive_values":{"input":{"hosts":[false,true],"login":{"password":true}},"output":{}}',
    )
    const shown = [plan, summaryJson(plan, BINDING, []), summaryMarkdown(plan, BINDING, []), readPlan(CREATE)]
    for (const secret of SECRETS) {
      expect(CHANGE).toContain(secret)
      expect(JSON.stringify(shown)).not.toContain(secret)
    }
  })

  test("of another format is refused", () => {
    expect(() => readPlan('{"format_version":"2.0","terraform_version":"3"}')).toThrow(/unknown format/)
    expect(() => readPlan("")).toThrow(/unknown format/)
  })
})

describe("redaction", () => {
  test("follows the masks through maps and lists, and hides a whole branch", () => {
    const value = { a: "x", b: ["y", { c: "z" }], d: { e: 1 } }
    expect(redact(value, { b: [false, { c: true }], d: true })).toEqual({
      a: "x",
      b: ["y", { c: SENSITIVE }],
      d: SENSITIVE,
    })
    expect(redact(value, true)).toBe(SENSITIVE)
    expect(redact(null, false)).toBeNull()
  })

  test("puts in what is not known yet, though the value lacks it", () => {
    expect(withUnknown({ a: "x", c: [1] }, { b: true, c: [false, true] })).toEqual({
      a: "x",
      b: UNKNOWN,
      c: [1, UNKNOWN],
    })
    expect(withUnknown(null, {})).toBeNull()
  })

  test("blots a secret out of other texts, in JSON and in names, but no short word", () => {
    const texts = new Set(['pass"word', "abc"])
    expect(blot({ a: JSON.stringify({ p: 'pass"word' }), 'pass"word': "abcd", c: "abc" }, texts)).toEqual({
      a: `{"p":"${SENSITIVE}"}`,
      [SENSITIVE]: "abcd",
      c: SENSITIVE,
    })
  })

  test("differences stop above what a mask hides", () => {
    const [before, after] = [
      { a: { b: 1, c: 2 }, d: [1] },
      { a: { b: 2, c: 3 }, d: [1, 2] },
    ]
    expect(redactedDifferences([before, after], [false, { a: true }])).toEqual([
      { path: "a", before: { b: 1, c: 2 }, after: SENSITIVE },
      { path: "d", before: [1], after: [1, 2] },
    ])
    expect(differences({ a: null, b: [] }, { b: [] })).toEqual([])
  })
})

test("a summary holds what others wrote as code, never as markup", () => {
  const [first, ...others] = readPlan(CHANGE).changes
  const evil = { path: "tags.`x`", before: "</details><script>", after: "a\n# b `` c" }
  const plan = { ...readPlan(CHANGE), changes: first ? [{ ...first, differences: [evil] }, ...others] : [] }
  const text = summaryMarkdown(plan, BINDING, [])
  expect(text).toContain("- `` tags.`x` ``: `</details><script>` → ```a # b `` c```")
  expect(text).toContain("# Plan for staging, infra: 1 to destroy")
})

describe("the policy of a plan", () => {
  const now = Date.parse("2026-11-26")
  const sources = [
    readSource(
      "infra/main.tf",
      '\nresource "aws_db_instance" "app" {}\nresource "aws_db_instance" "token" {}\n',
    ),
  ]
  const judge = (text: string, type: string, settings: object = {}) =>
    judgePlan(planOf(text, type).changes, {
      settings: { tags: [], stateful: [], permissions: [], ...settings },
      root: "infra",
      sources,
      now,
    })
  const permission = (expires: string) => ({
    permissions: [
      { address: 'aws_db_instance.app["gone"]', owner: "alice", reason: "moved away", expires },
      { address: "aws_db_instance.app", owner: "mallory", reason: "all of them", expires },
    ],
  })

  test("refuses to destroy or replace what holds data, and shows where it stands", () => {
    const found = judge(CHANGE, "aws_db_instance")
    expect(
      found.map(({ rule, message, file, line, standing }) => [rule, message, file, line, standing?.status]),
    ).toEqual([
      ["terraform-stateful", 'aws_db_instance.app["gone"] is destroyed', "infra/main.tf", 2, "blocks"],
      [
        "terraform-stateful",
        'aws_db_instance.app["replaced"] is replaced and loses its data (forced by triggers_replace)',
        "infra/main.tf",
        2,
        "blocks",
      ],
    ])
    expect(judge(CHANGE, "aws_ecs_service")).toEqual([])
    expect(judge(CHANGE, "vendor_database", { stateful: ["vendor_database"] })).toHaveLength(2)
  })

  test.each([
    ["2026-11-25", "blocks", "the permission of alice expired on 2026-11-25"],
    ["2026-11-26", "waived", "alice until 2026-11-26: moved away"],
    ["2026-12-26", "waived", "alice until 2026-12-26: moved away"],
    ["2026-12-27", "blocks", "the permission of alice until 2026-12-27 exceeds 30 days"],
  ])("a permission until %s: %s", (expires, status, why) => {
    const [gone, replaced] = judge(CHANGE, "aws_db_instance", permission(expires))
    expect(gone?.standing).toEqual({ status, why })
    expect(replaced?.standing?.status).toBe("blocks")
  })

  const tagged = (fields: string) => CREATE.replaceAll('"triggers_replace":"same"', fields)

  test("wants tags of what takes them, with those of the provider", () => {
    const missing = (fields: string) =>
      judge(tagged(fields), "aws_ecs_service", { tags: ["team"] }).map(({ message }) => message)
    expect(missing('"tags":{"team":"a"},"tags_all":{"team":"a","x":"y"}')).toEqual([])
    expect(missing('"tags":null,"tags_all":{"team":"a"}')).toEqual([])
    expect(missing('"name":"takes none"')).toEqual([])
    expect(missing('"tags":null,"tags_all":{}')).toContain('aws_ecs_service.app["kept"] lacks the tag team')
    expect(missing('"tags":null')).toContain('aws_ecs_service.app["kept"] lacks the tag team')
  })
})

describe("a binding", () => {
  test("holds while all is as it was", () => {
    expect(stale(BINDING, BINDING)).toEqual([])
  })

  test.each([
    [{ commit: "fedcba" }, "the commit was 0123456789abcdef and is fedcba"],
    [{ lockFile: null }, "the lock file of providers was sha256:1 and is not known"],
    [{ state: { lineage: "a-b", serial: 8 } }, "the state has changed since: serial was 7 and is 8"],
    [{ state: { lineage: "c-d", serial: 7 } }, "the state has another lineage"],
    [{ state: null }, "the state was serial 7 and is empty"],
    [{ workspace: "blue" }, "the workspace was default and is blue"],
  ])("no longer holds for %j", (changed, why) => {
    expect(stale(BINDING, { ...BINDING, ...changed })).toEqual([why])
  })

  test("knows a state by its lineage and serial alone", () => {
    expect(readState('{"version":4,"serial":5,"lineage":"a","outputs":{"x":1}}')).toEqual({
      lineage: "a",
      serial: 5,
    })
    expect(readState("")).toBeNull()
    // As `state pull` says it of a state that was never written.
    expect(readState('{"version":4,"serial":0,"lineage":"","outputs":{}}')).toBeNull()
  })
})

describe("a sealed text", () => {
  const key = "a key of the caller's"
  const sealed = seal("plan ✓", key)

  test("opens with its key alone, and only unchanged", () => {
    expect(unseal(sealed, key)).toBe("plan ✓")
    expect(() => unseal(sealed, `${key}!`)).toThrow(/wrong key/)
    // Not its last character: base64 ends with bits that mean nothing.
    const other = sealed.at(-9) === "A" ? "B" : "A"
    expect(() => unseal(`${sealed.slice(0, -9)}${other}${sealed.slice(-8)}`, key)).toThrow(/was changed/)
    expect(() => unseal("hello", key)).toThrow(/not a sealed file/)
  })

  test("is another each time", () => {
    expect(seal("plan ✓", key)).not.toBe(sealed)
    expect(sealed).not.toContain("plan")
  })
})
