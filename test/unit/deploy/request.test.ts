import Ajv from "ajv"
import { describe, expect, it } from "vitest"
import { readRequest, requestJsonSchema } from "../../../modules/deploy/program/core/request.ts"
import { requestInput } from "../../deploy/rehearsal.ts"

const problemsOf = (change: (input: ReturnType<typeof requestInput>) => object): readonly string[] => {
  const read = readRequest(JSON.stringify(change(requestInput())))
  return read.ok ? [] : read.problems
}

describe("readRequest", () => {
  it("fills in defaults", () => {
    const read = readRequest(JSON.stringify(requestInput()))
    expect(read.ok && read.request.environment.services[0]?.strategy).toEqual({
      kind: "rolling",
      minimumHealthyPercent: 100,
      maximumPercent: 200,
    })
    expect(read.ok && read.request.environment.approvals.required).toBe(0)
  })

  it("requires two approvals in production", () => {
    const production = readRequest(JSON.stringify(requestInput({ environment: { production: true } })))
    expect(production.ok && production.request.environment.approvals.required).toBe(2)
  })

  it("rejects fewer than two approvals in production", () => {
    const fewer = { environment: { production: true, approvals: { required: 1 } } }
    expect(problemsOf(() => requestInput(fewer))).toEqual([
      expect.stringMatching(/^environment\.approvals\.required: .*\b2\b/),
    ])
  })

  it.each([
    ["a text instead of an object", () => JSON.parse('"no"'), /^the request: /],
    [
      "a tag instead of a digest",
      (input) => ({ ...input, release: { ...input.release, images: { web: "web:1" } } }),
      /^release\.images\.web: must name an image by digest/,
    ],
    [
      "a release's number to deploy to",
      (input) => ({ ...input, to: 1 }),
      /^to: only for the actions rollback/,
    ],
    [
      "an answer to a rollback",
      (input) => ({ ...input, action: "rollback", answer: "continue" }),
      /^answer: only for the action deploy/,
    ],
    ["a question without an answer", (input) => ({ ...input, question: "8bae2bab" }), /^question: only with/],
    [
      "a branch instead of a commit",
      (input) => ({ ...input, release: { ...input.release, commit: "main" } }),
      /^release\.commit: must be a commit hash/,
    ],
    [
      "no images",
      (input) => ({ ...input, release: { ...input.release, images: {} } }),
      /^environment\.services\.web\.image: release\.images has no web; it has none/,
    ],
    [
      "a misspelt key",
      (input) => ({ ...input, environment: { ...input.environment, acount: "1" } }),
      /^environment: unknown key acount; known: .*account/,
    ],
    [
      "an account of eleven digits",
      (input) => ({ ...input, environment: { ...input.environment, account: "12345678901" } }),
      /^environment\.account: .*(twelve|12) digits/,
    ],
    [
      "an unknown time zone",
      (input) => ({
        ...input,
        environment: { ...input.environment, freeze: { zone: "Mars/Base", windows: [] } },
      }),
      /^environment\.freeze\.zone: expected a time zone/,
    ],
    [
      "an image that the release lacks",
      (input) => ({ ...input, release: { ...input.release, images: {} } }),
      /^environment\.services\.web\.image: release\.images has no web; it has none/,
    ],
    [
      "a migration without service and family",
      (input) => ({
        ...input,
        environment: { ...input.environment, migration: { container: "m", phase: "expand" } },
      }),
      /^environment\.migration: .*service.*family/,
    ],
  ] satisfies readonly (readonly [
    string,
    Parameters<typeof problemsOf>[0],
    RegExp,
  ])[])("names the key of %s", (_name, change, line) => {
    const problems = problemsOf(change)
    expect(problems.join("\n")).toMatch(line)
  })

  it("accepts the same requests as its JSON Schema", () => {
    const check = new Ajv().compile(requestJsonSchema())
    expect(check(requestInput())).toBe(true)
    expect(check({ ...requestInput(), action: "destroy" })).toBe(false)
  })
})
