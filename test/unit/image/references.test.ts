import { describe, expect, test } from "vitest"
import { parseImages, parsePinned, parseRepository, pinnedName } from "../../../ci/src/image/reference.js"
import { baseImages } from "../../../ci/src/project/dockerfile/stages.js"

const DIGEST = `sha256:${"a".repeat(64)}`

describe("a reference", () => {
  test.each([
    [`registry.example.org/team/app@${DIGEST}`, "registry.example.org", "team/app"],
    [`localhost:5000/app:1.2@${DIGEST}`, "localhost:5000", "app"],
    [`registry:5000/app@${DIGEST}`, "registry:5000", "app"],
  ])("%s names an image of a registry by its digest", (text, host, path) => {
    expect(parsePinned(text)).toEqual({ host, path, digest: DIGEST })
  })

  test.each([
    "registry.example.org/app:1.2",
    `team/app@${DIGEST}`,
    "",
    `registry.example.org/App@${DIGEST}`,
  ])("%j is refused", (text) => expect(() => parsePinned(text)).toThrow(/registry\.example\.org\/team\/app/))

  test("is one of several, by lines or commas", () => {
    const text = `r.example.org/a@${DIGEST}\nr.example.org/b@${DIGEST},\n`
    expect(parseImages(text).map(pinnedName)).toEqual([
      `r.example.org/a@${DIGEST}`,
      `r.example.org/b@${DIGEST}`,
    ])
    expect(() => parseImages(" ")).toThrow(/has no digest/)
  })

  test.each([
    "registry.example.org/a;b",
    "registry.example.org/$(id)",
    "registry.example.org/../a",
    "-a.b/c",
  ])("%j with signs that a shell would read is none", (text) =>
    expect(() => parseRepository(text)).toThrow(/is not a repository/))
})

describe("the base images of a Dockerfile", () => {
  test("are those that it does not make itself", () => {
    const text =
      "FROM node:22 AS Build\nFROM build\nFROM --platform=linux/amd64 nginx:1.27\nFROM scratch\nFROM node:22\n"
    expect(baseImages(text, {})).toEqual(["node:22", "nginx:1.27"])
  })

  test("have the arguments of the build, or those of the file", () => {
    const text = `ARG NODE="20"\nARG OS=slim\nFROM node:\${NODE}-$OS\nARG LATER=1\nFROM redis:$LATER\nFROM a:\${B:-c}\n`
    expect(baseImages(text, { NODE: "22" })).toEqual(["node:22-slim", "redis:$LATER", "a:c"])
  })
})
