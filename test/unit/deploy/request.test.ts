import Ajv from "ajv"
import { describe, expect, it } from "vitest"
import { readRequest, requestJsonSchema } from "../../../modules/deploy/program/request.ts"
import { requestInput } from "../../deploy/rehearsal.ts"

const problemsOf = (change: (input: ReturnType<typeof requestInput>) => object): readonly string[] => {
  const read = readRequest(JSON.stringify(change(requestInput())))
  return read.ok ? [] : read.problems
}

describe("a request", () => {
  it("is read with every default in place", () => {
    const read = readRequest(JSON.stringify(requestInput()))
    expect(read.ok && read.request.environment.services[0]?.strategy).toEqual({
      kind: "rolling",
      minimumHealthyPercent: 100,
      maximumPercent: 200,
    })
    expect(read.ok && read.request.environment.approvals.required).toBe(0)
  })

  it("needs two approvals in production, and no fewer can be configured", () => {
    const production = readRequest(JSON.stringify(requestInput({ environment: { production: true } })))
    expect(production.ok && production.request.environment.approvals.required).toBe(2)
    const fewer = { environment: { production: true, approvals: { required: 1 } } }
    expect(problemsOf(() => requestInput(fewer))).toEqual([
      "environment.approvals.required: expected at least 2 people for production",
    ])
  })

  it.each([
    ["a text that is none", () => JSON.parse('"no"'), /^the request: /],
    [
      "a tag in place of a digest",
      (input) => ({ ...input, release: { ...input.release, images: { web: "web:1" } } }),
      /^release\.images\.web: must name an image by digest/,
    ],
    [
      "a key that is misspelt",
      (input) => ({ ...input, environment: { ...input.environment, acount: "1" } }),
      /^environment: unknown key acount; known: .*account/,
    ],
    [
      "an account of eleven digits",
      (input) => ({ ...input, environment: { ...input.environment, account: "12345678901" } }),
      /^environment\.account: expected .*twelve digits/,
    ],
    [
      "a time zone that is none",
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
      "a migration of nowhere",
      (input) => ({
        ...input,
        environment: { ...input.environment, migration: { container: "m", phase: "expand" } },
      }),
      /^environment\.migration: expected either a service or a family/,
    ],
  ] satisfies readonly (readonly [
    string,
    Parameters<typeof problemsOf>[0],
    RegExp,
  ])[])("says one clear line for %s", (_name, change, line) => {
    const problems = problemsOf(change)
    expect(problems.join("\n")).toMatch(line)
  })

  it("has a JSON Schema that takes what the reader takes", () => {
    const check = new Ajv().compile(requestJsonSchema())
    expect(check(requestInput())).toBe(true)
    expect(check({ ...requestInput(), action: "destroy" })).toBe(false)
  })
})
