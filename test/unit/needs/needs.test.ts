import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import type { Need } from "../../../ci/src/needs/need.js"
import { filesToRead, needsOf } from "../../../ci/src/needs/needs.js"
import { graph } from "../../../ci/src/run/pipeline.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { KINDS } from "../../../ci/src/stages.js"
import { placeOf } from "../../../cli/mirror/ask.js"
import { gitFiles } from "../../../cli/sources/files.js"
import { repository as home } from "../../../engine/host/repository.js"
import { type Files, repositoryOf, treeOf } from "../projects.js"

/** What a check of some files needs, with a slipway.yaml. */
async function needed(files: Files, settings = ""): Promise<readonly Need[]> {
  const repository = await repositoryOf(files, parseConfig(settings))
  const { read } = treeOf(files)
  const texts = filesToRead(repository).map(async (file) => [file, await read(file)] as const)
  return needsOf(repository, graph(repository, KINDS).stages, new Map(await Promise.all(texts)))
}

const of = (kind: Need["kind"], needs: readonly Need[]) => needs.filter((need) => need.kind === kind)
const named = (kind: Need["kind"], needs: readonly Need[]) => of(kind, needs).map(({ name }) => name)
const from = (kind: Need["kind"], needs: readonly Need[]) => of(kind, needs).map((need) => need.from)

const LOCK = {
  lockfileVersion: 3,
  packages: {
    "": { name: "app" },
    "node_modules/zod": { version: "4.6.7" },
    "node_modules/a/node_modules/zod": { version: "3.0.0" },
    "node_modules/@team/ui": { version: "1.2.3" },
    "node_modules/old": { version: "2.0.0", name: "renamed" },
    "node_modules/shared": { link: true, resolved: "shared" },
    "node_modules/fork": { version: "1.0.0", resolved: "git+ssh://git@example.org/fork.git#1" },
    shared: { version: "0.0.0" },
  },
}
const APP = {
  "package.json": { name: "app", scripts: { test: "vitest run" }, devDependencies: { vitest: "3.2.7" } },
  "package-lock.json": LOCK,
}

describe("the images that a check needs", () => {
  const folder = path.join(home(), "examples/medflow")
  const names = gitFiles(folder)?.files ?? []
  const files = Object.fromEntries(
    names.map((name) => [name, fs.readFileSync(path.join(folder, name), "utf8")]),
  )

  test("of the example app are those that its runs used, and those of stages that need a scanner", async () => {
    const used = [
      ...["hashicorp/terraform:1.11.4", "mcr.microsoft.com/playwright:v1.57.0-noble", "node:22-bookworm"],
      ...["nginxinc/nginx-unprivileged:1.27-alpine", "node:22-bookworm-slim", "postgres:15-alpine"],
      ...["semgrep/semgrep:1.182.0", "zricethezav/gitleaks:v8.30.1"],
    ]
    const scanners = ["alpine/git:v2.47.2", "aquasec/trivy:0.69.3", "grafana/k6:1.8.1"]
    const deployments = ["ghcr.io/sigstore/cosign/cosign:v3.1.3", "regclient/regctl:v0.11.7-alpine"]
    const images = named("image", await needed(files, files["slipway.yaml"]))
    expect(images).toEqual(expect.arrayContaining([...used, ...scanners, ...deployments]))
    expect(images.filter((image) => ![...used, ...scanners, ...deployments].includes(image))).toEqual([])
  })

  test("come from the site's mirror, but for those that Dockerfiles name", async () => {
    const app = {
      ...APP,
      Dockerfile: "FROM nginx:1.27 AS build\nFROM scratch\nCOPY --from=build /a /a\n",
    }
    const images = of("image", await needed(app, "images: { prefix: registry.example.org/hub }"))
    expect(images.find(({ name }) => name === "node:22-bookworm")?.from).toBe(
      "registry.example.org/hub/node:22-bookworm",
    )
    expect(images.find(({ for: uses }) => uses.includes("Dockerfile"))).toMatchObject({
      name: "nginx:1.27",
      from: "nginx:1.27",
    })
  })

  test("are those of Python, of services, and of stages that slipway.yaml describes", async () => {
    const settings = `services: { cache: { image: "valkey/valkey:8-alpine", port: 6379 } }
custom: { links: { image: "lychee:1", commands: ["lychee ."] } }
`
    const app = {
      "pyproject.toml": '[project]\nname = "app"\nversion = "1"\nrequires-python = "==3.12.*"\n',
      "tests/test_app.py": "def test_it(): pass\n",
    }
    expect(named("image", await needed(app, settings))).toEqual(
      expect.arrayContaining(["lychee:1", "python:3.12-bookworm", "valkey/valkey:8-alpine"]),
    )
  })
})

describe("the packages that a check needs", () => {
  test("are those of the lock file, from the registries that .npmrc names", async () => {
    const npmrc = "registry = https://npm.example.org/all\n@team:registry=https://npm.example.org/team/\n"
    const needs = await needed({ ...APP, ".npmrc": npmrc })
    expect(from("package", needs)).toEqual([
      "https://npm.example.org/team/@team/ui/-/ui-1.2.3.tgz",
      "https://npm.example.org/all/renamed/-/renamed-2.0.0.tgz",
      "https://npm.example.org/all/zod/-/zod-3.0.0.tgz",
      "https://npm.example.org/all/zod/-/zod-4.6.7.tgz",
    ])
    expect(from("registry", needs)).toEqual(["https://npm.example.org/all/", "https://registry.npmjs.org/"])
  })
})

describe("the databases that a check needs", () => {
  test.each([
    ["{}", ["mirror.gcr.io/aquasec/trivy-db:2", "mirror.gcr.io/aquasec/trivy-java-db:1"]],
    [
      "{ databases: { trivy: { mirror: 'r.example.org/trivy-db:2' } } }",
      ["r.example.org/trivy-db:2", "r.example.org/trivy-java-db:1"],
    ],
    ["{ databases: { trivy: { folder: databases } } }", []],
    ["{ scanners: { dependencies: [osv-scanner] } }", ["https://api.osv.dev/"]],
  ])("with security: %s are %j", async (security, expected) => {
    expect(from("database", await needed(APP, `security: ${security}\n`))).toEqual(expected)
  })
})

describe("an image is looked for", () => {
  const mirror = { address: "http://mirror:5000", login: "a:b" }
  test.each([
    ["node:22", null, "https://registry-1.docker.io/v2/", "library/node", "22", "node:22"],
    ["node:22", mirror, "http://mirror:5000/v2/", "library/node", "22", "mirror:5000/library/node:22"],
    [
      "aquasec/trivy:1",
      mirror,
      "http://mirror:5000/v2/",
      "aquasec/trivy",
      "1",
      "mirror:5000/aquasec/trivy:1",
    ],
    ["ghcr.io/a/b:1", mirror, "https://ghcr.io/v2/", "a/b", "1", "ghcr.io/a/b:1"],
    [
      "r.example.org:5000/a@sha256:12",
      mirror,
      "https://r.example.org:5000/v2/",
      "a",
      "sha256:12",
      "r.example.org:5000/a@sha256:12",
    ],
  ])("by %s, with the mirror %j, at %s", (name, at, base, repository, tag, reference) => {
    expect(placeOf(name, at)).toMatchObject({ base, repository, tag, reference })
  })
})
