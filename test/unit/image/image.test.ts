import { describe, expect, test } from "vitest"
import { globMatcher } from "../../../ci/src/formats/glob.js"
import { contextFiles, failure, lacking } from "../../../ci/src/image/build.js"
import { commitOf } from "../../../ci/src/image/push.js"
import type { Dockerfile, Project } from "../../../ci/src/project/project.js"
import { NO_CONTEXT } from "../../../ci/src/run/context.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { projectOf } from "../projects.js"

function imageOf({ dockerfiles }: Project, name: string): Dockerfile {
  const found = dockerfiles.find((one) => one.name === name)
  if (found === undefined) throw new Error(`there is no image ${name}`)
  return found
}

const monorepo = () =>
  projectOf({
    "package.json": { name: "app", workspaces: ["api", "web", "shared"] },
    "package-lock.json": {},
    "api/package.json": { name: "api", dependencies: { shared: "*" } },
    "api/Dockerfile": "FROM node:22\nCOPY package-lock.json ./\nCOPY api/ api/\n",
    "web/package.json": { name: "web" },
    "web/Dockerfile": "FROM node:22\nCOPY package.json ./\n",
    "shared/package.json": { name: "shared" },
    Dockerfile: "FROM node:22\nCOPY . .\n",
  })

test("an image has no tag where the commit is unknown, and says how to pass it", () => {
  expect(() => commitOf({ context: NO_CONTEXT })).toThrow(
    expect.objectContaining({ code: "commit", message: expect.stringContaining("--run") }),
  )
})

describe("the files of a build context", () => {
  test("shared by all leave out the sources of the others, and keep what the lock file needs", async () => {
    const project = await monorepo()
    expect(contextFiles(project, imageOf(project, "api"))).toEqual({
      include: ["**"],
      exclude: ["web/**", "!web/package.json"],
    })
  })

  test("shared by all hold what the Dockerfile copies of the others", async () => {
    const project = await projectOf({
      "package.json": { name: "app", workspaces: ["packages/*"] },
      "packages/api/package.json": { name: "api" },
      "packages/web/package.json": { name: "web" },
      "packages/cli/package.json": { name: "cli" },
      "packages/api/Dockerfile":
        "FROM node:22\nCOPY packages/api packages/api\nCOPY packages/web/src packages/web/src\n",
      "Dockerfile.cli": "FROM node:22\nCOPY packages ./packages\n",
      "Dockerfile.web": "FROM node:22\nCOPY . .\n",
    })
    expect(contextFiles(project, imageOf(project, "api")).exclude).toEqual([
      ...["packages/cli/**", "!packages/cli/package.json"],
      ...["packages/web/**", "!packages/web/package.json", "!packages/web/src"],
    ])
    for (const name of ["cli", "web"])
      expect(contextFiles(project, imageOf(project, name))).toEqual({ include: ["**"], exclude: [] })
  })

  test("hold a Dockerfile from outside of them", async () => {
    const project = await projectOf({
      "package.json": { name: "app", workspaces: ["api"] },
      "api/package.json": { name: "api" },
      "api/src/a.js": "",
      "docker/api.Dockerfile": "FROM node:22\nCOPY src src\n",
    })
    expect(contextFiles(project, imageOf(project, "api"))).toEqual({
      include: ["api/**", "docker/api.Dockerfile"],
      exclude: [],
    })
  })

  test("of a folder of its own are that folder's", async () => {
    const project = await monorepo()
    expect(contextFiles(project, imageOf(project, "web"))).toEqual({ include: ["web/**"], exclude: [] })
  })

  test("are without what .dockerignore names, but never without the Dockerfile", async () => {
    const project = await projectOf({
      "package.json": { name: "app", workspaces: ["api", "web"] },
      "api/package.json": { name: "api" },
      "api/Dockerfile": "FROM node:22\nCOPY package.json ./\nCOPY api/ api/\n",
      ".dockerignore": "# tests\n**/test\r\n/*.md\n\n!README.md\n",
      "web/package.json": { name: "web" },
      "web/Dockerfile": "FROM node:22\nCOPY package.json ./\n",
      "web/Dockerfile.dockerignore": "!/src\n*\n",
    })
    expect(contextFiles(project, imageOf(project, "api")).exclude).toEqual([
      "web/**",
      "!web/package.json",
      "**/test",
      "*.md",
      "!README.md",
      "!api/Dockerfile",
    ])
    expect(contextFiles(project, imageOf(project, "web"))).toEqual({
      include: ["web/**"],
      exclude: ["!web/src", "web/*", "!web/Dockerfile"],
    })
  })

  test("takes braces in .dockerignore as they are, as Docker does", async () => {
    const project = await projectOf({
      "package.json": { name: "app" },
      Dockerfile: "FROM node:22\n",
      ".dockerignore": "{a,b}\n",
    })
    const leavesOut = globMatcher(contextFiles(project, imageOf(project, "app")).exclude)
    expect(["{a,b}", "a", "b"].filter(leavesOut)).toEqual(["{a,b}"])
  })

  test("of the root are all", async () => {
    const project = await monorepo()
    expect(contextFiles(project, imageOf(project, "app"))).toEqual({ include: ["**"], exclude: [] })
  })
})

describe("a build that lacks something", () => {
  const lack = async (text: string, config = "{}", given: readonly string[] = []) => {
    const project = await projectOf(
      { "package.json": { name: "app" }, Dockerfile: text },
      parseConfig(config),
    )
    return lacking(imageOf(project, "app"), given)
  }

  test("is red before it begins, and names argument, line and way out", async () => {
    const red = await lack("ARG BASE\nFROM $BASE AS a\n")
    expect(red).toMatchObject({ verdict: "failed", cause: "dockerfile" })
    expect(red?.summary).toMatch(
      /^Dockerfile:2: .* BASE.*no default \(Dockerfile:1\).*image\.workspaces\.app\.args\.BASE/,
    )
  })

  test("begins where slipway.yaml gives the argument", async () => {
    const config = "image: { workspaces: { app: { args: { BASE: node } } } }"
    expect(await lack("ARG BASE\nFROM $BASE\n", config)).toBeNull()
  })

  test.each([
    ["TOKEN", "Name TOKEN under `secrets` in slipway.yaml"],
    ["npm-token", "Give it the name of a variable"],
  ])("cannot be judged without a secret that it requires: %s", async (id, way) => {
    const text = `FROM node\nRUN --mount=type=secret,id=${id},required=true x\n`
    expect(await lack(text, "{}", ["OTHER"])).toMatchObject({
      verdict: "errored",
      cause: "token",
      summary: expect.stringMatching(new RegExp(`^Dockerfile: .* ${id} .*${way}`)),
    })
    expect(await lack(text, "{}", [id])).toBeNull()
  })
})

describe("a build that fails", () => {
  test("names the command and its exit code", async () => {
    const dockerfile = imageOf(await monorepo(), "api")
    const error = Object.assign(new Error("exit code: 3"), {
      cmd: ["/bin/sh", "-c", "npm run build"],
      exitCode: 3,
    })
    expect(failure(error, "exit code: 3\nboom", dockerfile)).toMatchObject({
      verdict: "failed",
      cause: "dockerfile",
      summary: "api/Dockerfile: RUN npm run build exited with code 3: boom",
      log: { text: "exit code: 3\nboom" },
    })
  })

  test("names what the engine says of the Dockerfile", async () => {
    const dockerfile = imageOf(await monorepo(), "api")
    const message =
      "failed to convert Dockerfile to LLB: dockerfile parse error on line 2: unknown instruction: RUNN"
    expect(failure(new Error(message), `\n${message}\nmore`, dockerfile).summary).toBe(
      `api/Dockerfile: ${message}`,
    )
  })
})
