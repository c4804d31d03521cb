import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import type { Image } from "../../../ci/src/run/images.js"
import { repository } from "../../../engine/host/repository.js"
import { FAMILIES, findRecipe, RECIPES } from "../../../engine/recipes/index.js"

const isImage = (value: unknown): value is Image =>
  typeof value === "object" && value !== null && Object.keys(value).sort().join() === "name,tag"

/** The images that the rooms export, by the file that does. */
async function roomImages(): Promise<readonly (readonly [file: string, image: Image])[]> {
  const root = path.join(repository(), "ci/src")
  const files = fs
    .readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter(
      (file) => file.endsWith(".ts") && /: Image =/.test(fs.readFileSync(path.join(root, file), "utf8")),
    )
  const modules = await Promise.all(
    files.map(async (file) => [file, Object.values(await import(path.join(root, file)))] as const),
  )
  return modules.flatMap(([file, values]) => values.filter(isImage).map((image) => [file, image] as const))
}

describe("recipes", () => {
  test.each([
    ["library/node", "22", "22-bookworm"],
    ["node", "22-bullseye-slim", "22-bookworm-slim"],
    ["node", "slim", "latest-bookworm-slim"],
    ["node", "trixie", "latest-bookworm"],
    ["node", "24-slim", "24-bookworm-slim"],
    ["node", "22-alpine3.20", "22-alpine"],
    ["node", "20.11.1-bookworm", "20.11.1-bookworm"],
    ["node", "23.11.1-slim", "23.11.1-bookworm-slim"],
    ["node", "20.11", "20.11-bookworm"],
    ["node", "21-alpine", "21-alpine"],
    ["node", "lts-alpine", "24-alpine"],
    ["node", "iron", "20-bookworm"],
    ["node", "current", "latest-bookworm"],
    ["node", "alpine", "latest-alpine"],
    ["library/postgres", "15", "15-alpine"],
    ["postgres", "15.4-alpine", "15-alpine"],
    ["postgres", "17.4-bookworm", "17-alpine"],
    ["postgres", "alpine", "18-alpine"],
    ["postgres", "latest", "18-alpine"],
    ["mysql", "8.4", "8.4"],
    ["mariadb", "11.4-noble", "10.11"],
    ["mongo", "latest", "7"],
    ["mongo", "6.0.4-jammy", "7"],
    ["rabbitmq", "4-management-alpine", "3-management"],
    ["redis", "7.2-alpine", "7-alpine"],
    ["redis", "alpine", "7-alpine"],
    ["nginx", "alpine", "1.27-alpine"],
    ["nginx", "1.27.1-alpine-slim", "1.27-alpine"],
    ["busybox", "1.36-musl", "1.36"],
    ["docker", "28.5.1-dind", "28.5.1-dind"],
    ["docker", "dind", "28.5.1-dind"],
    ["debian", "12", "bookworm-slim"],
    ["buildpack-deps", "bookworm-scm", "bookworm"],
    ["python", "3.11.4-slim", "3.11-slim-bookworm"],
    ["python", "3.12", "3.12-bookworm"],
    ["python", "3.11.4-bullseye", "3.11-bookworm"],
    ["python", "3.12.7-alpine3.20", "3.12-alpine"],
    ["python", "3-slim", "3.14-slim-bookworm"],
    ["python", "latest", "3.14-bookworm"],
    ["python", "slim", "3.14-slim-bookworm"],
    ["python", "3.9-slim-bullseye", "3.9-slim-bookworm"],
    ["nginxinc/nginx-unprivileged", "1.27.1-alpine", "1.27-alpine"],
  ])("answer to %s:%s with %s", (name, tag, expected) => {
    expect(findRecipe(name, tag)?.tag).toBe(expected)
  })

  test.each([
    ["node", "22-windowsservercore"],
    ["node", "lithium"],
    ["node", "22.1.1.1"],
    ["postgres", "9.6"],
    ["postgres", "150"],
    ["postgres", "latest-gis"],
    ["mysql", "latestish"],
    ["mongo", "7-windowsservercore"],
    ["redis", "70"],
    ["python", "3.8"],
    ["python", "3.1"],
    ["python", "3.12-windowsservercore"],
    ["someone/node", "22"],
    ["debian", "trixie"],
    ["node", "sha256:00"],
  ])("do not answer to %s:%s, which behaves differently", (name, tag) => {
    expect(findRecipe(name, tag)).toBeNull()
  })

  test("answer to their own tags", () => {
    for (const recipe of RECIPES) expect(findRecipe(recipe.name, recipe.tag)).toBe(recipe)
    for (const { name, like } of FAMILIES) expect(findRecipe(name, like.tag)).toEqual(like)
  })

  test("build on other recipes", () => {
    for (const { standIn } of RECIPES)
      if (standIn.from !== null) expect(RECIPES.map(({ name }) => name)).toContain(standIn.from)
  })

  test("answer to every image that a room exports", async () => {
    const images = await roomImages()
    expect(images.length).toBeGreaterThan(15)
    expect(images.filter(([, { name, tag }]) => findRecipe(name, tag) === null)).toEqual([])
  }, 60_000)
})
