import { describe, expect, test } from "vitest"
import { findImage, IMAGES, imageReference, nameAndTag, repositoryOf } from "../../ci/src/images.js"

describe("the image for a name of Docker Hub", () => {
  test.each([
    ["library/node", "22", "22-bookworm-slim"],
    ["node", "20.11.1-bookworm", "20-bookworm-slim"],
    ["node", "24-slim", "24-bookworm-slim"],
    ["library/postgres", "15", "15-alpine"],
    ["postgres", "15.4-alpine", "15-alpine"],
    ["redis", "7.2-alpine", "7-alpine"],
    ["debian", "12", "bookworm-slim"],
    ["nginxinc/nginx-unprivileged", "1.27.1-alpine", "1.27-alpine"],
  ])("%s:%s is a stand-in that behaves like it", (repository, tag, expected) => {
    expect(findImage(repository, tag)?.tag).toBe(expected)
  })

  test.each([
    ["node", "22-alpine"],
    ["node", "220"],
    ["node", "21"],
    ["node", "latest"],
    ["postgres", "16"],
    ["postgres", "150"],
    ["redis", "70"],
    ["someone/node", "22"],
    ["debian", "trixie"],
    ["node", "sha256:00"],
  ])("%s:%s is none where none would", (repository, tag) => {
    expect(findImage(repository, tag)).toBeNull()
  })

  test("answers to the tag that Slipway itself asks for", () => {
    for (const image of IMAGES) expect(findImage(image.name, image.tag)).toBe(image)
  })

  test("builds on others of the list", () => {
    for (const { standIn } of IMAGES)
      if (standIn.from !== null) expect(IMAGES.map(({ name }) => name)).toContain(standIn.from)
  })
})

test("an image's path in its registry is without the registry's host", () => {
  const paths = IMAGES.map(repositoryOf)
  expect(paths).toEqual(
    expect.arrayContaining(["library/node", "zricethezav/gitleaks", "google/osv-scanner", "playwright"]),
  )
})

describe("a reference", () => {
  const none = { prefix: null, overrides: {} }
  const mirror = {
    prefix: "registry.example.org:5000/hub",
    overrides: { postgres: "db.example.org/pg@sha256:1" },
  }

  test.each([
    ["postgres", undefined, none, "postgres:15-alpine"],
    ["postgres", "16", none, "postgres:16"],
    ["ruby", undefined, none, "ruby:latest"],
    ["node", "22", mirror, "registry.example.org:5000/hub/node:22"],
    ["postgres", "15-alpine", mirror, "db.example.org/pg@sha256:1"],
    ["ghcr.io/owner/tool", "1", mirror, "ghcr.io/owner/tool:1"],
    ["localhost/tool", "1", mirror, "localhost/tool:1"],
  ])("of %s with tag %s comes from where the site says", (name, tag, source, expected) => {
    expect(imageReference(name, source, tag)).toBe(expected)
  })

  test.each([
    ["python:3.13-slim", "python", "3.13-slim"],
    ["python", "python", undefined],
    ["registry.example.org:5000/a/b", "registry.example.org:5000/a/b", undefined],
    ["registry.example.org:5000/a/b:1", "registry.example.org:5000/a/b", "1"],
    ["python:3.13@sha256:abc", "python", "3.13@sha256:abc"],
  ])("%s has a name and a tag", (reference, name, tag) => {
    expect(nameAndTag(reference)).toEqual([name, tag])
  })
})
