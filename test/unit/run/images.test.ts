import { describe, expect, test } from "vitest"
import { imageReference, parseImage, repositoryOf } from "../../../ci/src/run/images.js"

describe("imageReference", () => {
  const none = { prefix: null, overrides: {} }
  const mirror = {
    prefix: "registry.example.org:5000/hub",
    overrides: { postgres: "db.example.org/pg@sha256:1" },
  }
  const postgres = { name: "postgres", tag: "15-alpine" }

  test.each([
    ["takes the image's own tag", postgres, undefined, none, "postgres:15-alpine"],
    ["takes another tag where one is asked for", postgres, "16", none, "postgres:16"],
    [
      "puts the prefix before names of Docker Hub",
      { name: "node", tag: "22" },
      undefined,
      mirror,
      "registry.example.org:5000/hub/node:22",
    ],
    ["takes a whole reference before all else", postgres, "15", mirror, "db.example.org/pg@sha256:1"],
    [
      "leaves names of other registries alone",
      { name: "ghcr.io/owner/tool", tag: "1" },
      undefined,
      mirror,
      "ghcr.io/owner/tool:1",
    ],
    [
      "leaves names of localhost alone",
      { name: "localhost/tool", tag: "1" },
      undefined,
      mirror,
      "localhost/tool:1",
    ],
  ])("%s", (_, image, tag, source, expected) => {
    expect(imageReference(image, source, tag)).toBe(expected)
  })
})

test.each([
  ["python:3.13-slim", "python", "3.13-slim"],
  ["python", "python", "latest"],
  ["registry.example.org:5000/a/b", "registry.example.org:5000/a/b", "latest"],
  ["registry.example.org:5000/a/b:1", "registry.example.org:5000/a/b", "1"],
  ["python:3.13@sha256:abc", "python", "3.13@sha256:abc"],
])("parseImage splits %s into a name and a tag", (reference, name, tag) => {
  expect(parseImage(reference)).toEqual({ name, tag })
})

test.each([
  ["node", "library/node"],
  ["zricethezav/gitleaks", "zricethezav/gitleaks"],
  ["ghcr.io/google/osv-scanner", "google/osv-scanner"],
  ["mcr.microsoft.com/playwright", "playwright"],
])("repositoryOf gives the path of %s without its registry", (name, expected) => {
  expect(repositoryOf({ name })).toBe(expected)
})
