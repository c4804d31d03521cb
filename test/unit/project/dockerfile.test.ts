import { describe, expect, test } from "vitest"
import { copySources } from "../../../ci/src/project/dockerfile/copied.js"
import {
  baseImages,
  missingArguments,
  onScratch,
  requiredSecrets,
} from "../../../ci/src/project/dockerfile/stages.js"
import { instructionsOf } from "../../../ci/src/project/dockerfile/syntax.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { type Files, projectOf, repositoryOf } from "../projects.js"

const FROM = "FROM node\n"

describe("the instructions of a Dockerfile", () => {
  test("have their line, their flags and what follows", () => {
    const text =
      "\uFEFF# syntax=docker/dockerfile:1\nfrom --platform=$BUILDPLATFORM a AS b\n\nRUN --mount=type=cache,target=/c x \\\n  # why\n\n  y\n"
    expect(instructionsOf(text)).toEqual([
      { name: "FROM", flags: ["--platform=$BUILDPLATFORM"], text: "a AS b", line: 2 },
      { name: "RUN", flags: ["--mount=type=cache,target=/c"], text: "x    y", line: 4 },
    ])
  })

  test("are no lines of here-documents, and no ONBUILD", () => {
    const text = "RUN <<ONE cat <<TWO\nFROM x\nONE\nFROM y\nTWO\nONBUILD COPY a .\nCOPY b .\n"
    expect(instructionsOf(text).map(({ name, line }) => [name, line])).toEqual([
      ["RUN", 1],
      ["COPY", 7],
    ])
  })

  test("continue by the sign that the file names", () => {
    expect(instructionsOf("# escape=`\nRUN dir C:\\ `\n  x\nRUN y").map(({ text }) => text)).toEqual([
      "dir C:\\    x",
      "y",
    ])
  })
})

describe("build arguments of FROM", () => {
  const missing = (text: string, args = {}, target: string | null = null) =>
    missingArguments(text, args, target).map(({ name, line, declared }) => [name, line, declared])

  test.each<[string, string, object, readonly unknown[]]>([
    ["none for a default", "ARG A=node\nFROM $A", {}, []],
    ["one without a default", `ARG A\n\nFROM \${A}`, {}, [["A", 3, 1]]],
    ["none for a given one", `ARG A\nFROM \${A}:22`, { A: "node" }, []],
    ["none for a default in place", `ARG A\nFROM \${A:-node}`, {}, []],
    ["one inside of another's default", `ARG A\nARG B=\${A}/node\nFROM $B`, {}, []],
    ["one that is not declared", "FROM node:$V", {}, [["V", 1, null]]],
    ["none that the builder sets", "FROM --platform=$BUILDPLATFORM node:22-$TARGETARCH", {}, []],
    ["none that is declared after FROM", "FROM node\nARG A\nRUN echo $A", {}, []],
  ])("lack %s", (_, text, args, expected) => {
    expect(missing(text, args)).toEqual(expected)
  })

  test("are asked for by the stages of the target alone", () => {
    const text = "ARG A\nFROM node AS build\nFROM $A AS extra\nFROM node\nCOPY --from=build /a /a"
    expect(missing(text)).toEqual([])
    expect(missing(text, {}, "extra")).toEqual([["A", 3, 1]])
  })

  test("name the images that a build pulls", () => {
    const text =
      "ARG V=22\nFROM node:$V AS node\nFROM node\nCOPY --from=busybox:1.36 /bin /bin\nRUN --mount=from=tool,target=/t x"
    expect(baseImages(text, {})).toEqual(["node:22", "busybox:1.36", "tool"])
  })
})

test.each<[string, string, string | null, readonly string[] | null]>([
  [
    "nothing",
    "FROM node AS build\nRUN x\nFROM scratch\nCOPY --from=build /a /\nUSER 1",
    null,
    ["COPY", "USER"],
  ],
  ["itself, through stages", "FROM scratch AS a\nVOLUME /d\nFROM a\nCMD x", null, ["VOLUME", "CMD"]],
  ["nothing, by an argument", "ARG BASE=scratch\nFROM $BASE\nCMD x", null, ["CMD"]],
  ["an image", "FROM scratch AS a\nFROM node\nCOPY --from=a /a /", null, null],
  ["an image, by its target", "FROM node AS a\nRUN x\nFROM scratch", "A", null],
])("a Dockerfile that begins with %s is told", (_, text, target, expected) => {
  expect(onScratch(text, {}, target)?.map(({ name }) => name) ?? null).toEqual(expected)
})

test("secrets without which a build fails are named", () => {
  const mount = (options: string) => `RUN --mount=type=secret,${options} x\n`
  const text = `${FROM}${mount("id=a,required=true")}${mount("id=b,required=false")}${mount("id=c")}${mount("required,target=/run/d")}`
  expect(requiredSecrets(text, null)).toEqual(["a", "d"])
})

describe("what a Dockerfile copies", () => {
  test.each([
    ["nothing", "FROM node\nRUN npm ci\n", []],
    ["files", "COPY a.json b/c.json ./\n", ["a.json", "b/c.json"]],
    ["files with options", "COPY --chown=node:node --link a.json ./\n", ["a.json"]],
    [
      "files of the context alone",
      "COPY --from=build /app/dist ./dist\nCOPY --chmod=755 --from=build x y\n",
      [],
    ],
    ["added files", "add a.tar.gz /\n", ["a.tar.gz"]],
    ["not what comes from elsewhere", "ADD https://example.org/a.tgz /\nADD git@example.org:a.git /\n", []],
    ["files with spaces", 'COPY ["Über uns/a b.txt", "./"]\n', ["Über uns/a b.txt"]],
    ["files over several lines", "COPY a \\\n  # why\n  b \\\n  ./\n", ["a", "b"]],
    ["files with line ends of Windows", "COPY a \\\r\n b ./\r\n", ["a", "b"]],
    ["all, which says nothing", "COPY . .\nCOPY ./ /app\nCOPY / /app\n", []],
    ["files from the context's root", "COPY ./a /b/ ./\n", ["a", "b"]],
    ["not what a build argument names", "COPY $APP/a ./\n", []],
    [
      "not what is written in place",
      "COPY <<EOF /etc/a\nCOPY b c\nEOF\nRUN <<-'X'\n  COPY d e\n  X\nCOPY f ./\n",
      ["f"],
    ],
    ["not what is commented out", "# COPY a ./\nCOPY b ./\n", ["b"]],
    ["nothing, unfinished", "COPY\nCOPY a\n", []],
  ])("%s", (_, dockerfile, expected) => {
    expect(copySources(dockerfile)).toEqual(expected)
  })
})

describe("a workspace's image", () => {
  const base: Files = {
    "package.json": { workspaces: ["services/*"] },
    "package-lock.json": {},
    "services/api/package.json": {},
    "services/api/src/index.ts": "",
    "services/api/public/[id].html": "",
  }
  const image = async (files: Files) => {
    const { dockerfiles } = await projectOf({ ...base, ...files })
    return dockerfiles.filter(({ name }) => name === "api").flatMap(({ file, context }) => [file, context])
  }

  test.each([
    "services/api/Dockerfile",
    "docker/Dockerfile.api",
    "Dockerfile.api",
  ])("is built from %s", async (file) => {
    expect((await image({ [file]: FROM }))[0]).toBe(file)
  })

  test("is built from the Dockerfile in its folder before others", async () => {
    const files = { "Dockerfile.api": FROM, "docker/Dockerfile.api": FROM, "services/api/Dockerfile": FROM }
    expect((await image(files))[0]).toBe("services/api/Dockerfile")
  })

  test.each([
    ["its folder: it copies that folder's sources", "COPY package.json ./\nCOPY src ./src\n", "services/api"],
    ["its folder: nothing speaks for another", "COPY . .\n", "services/api"],
    ["its folder: both have all the files", "COPY package*.json ./\nCOPY . .\n", "services/api"],
    ["the project: it copies by the path from there", "COPY services/api/package.json services/api/\n", ""],
    ["the project: it copies the lock file", "COPY package.json package-lock.json ./\nCOPY . .\n", ""],
    ["the project: it copies the whole folder", "COPY services/api ./\n", ""],
    ["the project: it copies by pattern", "COPY services/*/package.json ./\n", ""],
    [
      "its folder: only a build stage copies by the path",
      "COPY src src\nCOPY --from=build /services/api /\n",
      "services/api",
    ],
  ])("is built in %s", async (_, dockerfile, context) => {
    expect(await image({ "services/api/Dockerfile": `FROM node\n${dockerfile}` })).toEqual([
      "services/api/Dockerfile",
      context,
    ])
  })

  test("is built in the project when its Dockerfile lies outside its folder and nothing speaks against it", async () => {
    expect(await image({ "docker/Dockerfile.api": `${FROM}COPY . .\n` })).toEqual([
      "docker/Dockerfile.api",
      "",
    ])
  })

  test("is built in its folder when its Dockerfile lies elsewhere but copies from there", async () => {
    expect(await image({ "Dockerfile.api": `${FROM}COPY src src\n` })).toEqual([
      "Dockerfile.api",
      "services/api",
    ])
  })
})

describe("the Dockerfiles of a repository", () => {
  const base: Files = {
    "package.json": { name: "shop", workspaces: ["apps/*"] },
    "package-lock.json": {},
    "apps/web/package.json": { name: "web" },
    "apps/web/index.js": "",
    "apps/api/package.json": { name: "api" },
    "apps/api/index.js": "",
    "services/resizer/resize.py": "",
  }
  const found = async (files: Files, config = "{}") => {
    const { whole, unchecked } = await repositoryOf({ ...base, ...files }, parseConfig(config))
    return {
      built: whole.dockerfiles.map(({ file, name, label, context }) => [file, name, label, context]),
      left: Object.fromEntries(unchecked.map(({ what, reason }) => [what, reason])),
    }
  }

  test("are known by all their names, in all folders", async () => {
    const { built } = await found({
      Dockerfile: FROM,
      "apps/web/Containerfile": `${FROM}COPY index.js .`,
      "deploy/api.Dockerfile": `${FROM}COPY apps/api apps/api`,
      "services/resizer/Dockerfile": `${FROM}COPY resize.py .`,
      "docker/worker/dockerfile": `${FROM}COPY apps apps`,
    })
    expect(built).toEqual([
      ["Dockerfile", "shop", "", ""],
      ["deploy/api.Dockerfile", "api", "api", ""],
      ["apps/web/Containerfile", "web", "web", "apps/web"],
      ["docker/worker/dockerfile", "worker", "worker", ""],
      ["services/resizer/Dockerfile", "resizer", "resizer", "services/resizer"],
    ])
  })

  test.each([
    ["Dockerfile.dev", FROM, /a development variant.*name it under `image.workspaces`/],
    ["apps/web/dev.Dockerfile", FROM, /a development variant/],
    [".devcontainer/Dockerfile", FROM, /a development variant/],
    ["Dockerfile.test", FROM, /a variant for tests/],
    ["Dockerfile.arm64v8", FROM, /another platform/],
    ["Dockerfile.j2", FROM, /a template/],
    ["test/fixtures/a/Dockerfile", FROM, /a folder of tests/],
    ["docker/Dockerfile.notes", "no instructions", /no FROM/],
    [
      "services/resizer/Dockerfile",
      `${FROM}COPY target/app.jar .`,
      /`target\/app.jar`, which the repository does not hold/,
    ],
    [
      "services/resizer/Dockerfile",
      `${FROM}COPY main.go .`,
      /context is unknown: no folder around it has `main.go`/,
    ],
  ])("are left out by name: %s", async (file, text, reason) => {
    const { built, left } = await found({ [file]: text })
    expect(built).toEqual([])
    expect(left[file]).toMatch(reason)
  })

  test.each([
    "Dockerfile.dockerignore",
    "dockerfile.ts",
    "Dockerfile.md",
    "node_modules/a/Dockerfile",
  ])("are not %s", async (file) => {
    const { built, left } = await found({ [file]: FROM })
    expect([built, left[file]]).toEqual([[], undefined])
  })

  test("are built where slipway.yaml names them, and in its context", async () => {
    const config = "image: { workspaces: { local: { dockerfile: Dockerfile.dev, context: apps } } }"
    expect((await found({ "Dockerfile.dev": FROM }, config)).built).toEqual([
      ["Dockerfile.dev", "local", "local", "apps"],
    ])
    await expect(found({}, config)).rejects.toThrow(/Dockerfile.dev, which is no file/)
  })

  test.each<[string, string, string]>([
    [
      "compose.yaml",
      "services: { r: { build: { context: services, dockerfile: resizer/Dockerfile } } }",
      "services",
    ],
    ["compose.yaml", "services: { r: { build: ./services/resizer } }", "services/resizer"],
    [
      ".github/workflows/ci.yml",
      "jobs: { a: { steps: [{ uses: docker/build-push-action@v6, with: { file: services/resizer/Dockerfile } }] } }",
      "",
    ],
    [
      ".github/workflows/ci.yml",
      `jobs: { a: { steps: [{ uses: docker/build-push-action@v6, with: { context: 'services/\${{ matrix.one }}' } }] } }`,
      "services/resizer",
    ],
    [
      "Makefile",
      "image:\n\tdocker buildx build --push -t $(TAG) \\\n\t  -f services/resizer/Dockerfile .\n",
      "",
    ],
    [".gitlab-ci.yml", "a: { script: ['cd services && docker build -f resizer/Dockerfile .'] }", "services"],
  ])("are built as %s says: %s", async (file, text, context) => {
    const { built } = await found({ "services/resizer/Dockerfile": `${FROM}COPY main.go .`, [file]: text })
    expect(built).toEqual([["services/resizer/Dockerfile", "resizer", "resizer", context]])
  })

  test.each<[string, string, string]>([
    [
      "compose.yaml",
      "services: { r: { build: { context: services, dockerfile: ../ops/api.build } } }",
      "services",
    ],
    [
      ".github/workflows/ci.yml",
      "jobs: { a: { steps: [{ uses: docker/build-push-action@v6, with: { file: ops/api.build } }] } }",
      "",
    ],
    ["docker-bake.hcl", 'target "api" {\n  context = "."\n  dockerfile = "ops/api.build"\n}\n', ""],
  ])("are files of any name that %s builds: %s", async (file, text, context) => {
    const { built } = await found({
      "ops/api.build": `${FROM}COPY main.go .`,
      "services/main.go": "",
      [file]: text,
    })
    expect(built).toEqual([["ops/api.build", "api", "api", context]])
  })

  test("get the arguments of the team's own builds where they have no default", async () => {
    const compose = `services: { a: { build: { context: ., args: { BASE: 'node:22', MODE: dev, SECRET: '\${S}' } } } }`
    const files = {
      ...base,
      Dockerfile: "ARG BASE\nFROM $BASE\nARG MODE=production\nARG SECRET",
      "compose.yaml": compose,
    }
    const [dockerfile] = (await projectOf(files)).dockerfiles
    expect(dockerfile).toMatchObject({ args: { BASE: "node:22" }, missing: [] })
  })

  test.each<[string, string, string, readonly unknown[]]>([
    ["that is the last", "FROM node AS a\nFROM node AS b\n", "target: b", [["shop", null]]],
    ["that is not the last", "FROM node AS prod\nFROM node AS docs\n", "target: prod", [["shop", "prod"]]],
    ["that the last is made of", "FROM node AS deps\nFROM deps\n", "target: deps", [["shop", null]]],
    ["below tests", "FROM node AS prod\nFROM prod AS test\n", "target: prod", [["shop", "prod"]]],
    ["for development", "FROM node AS dev\nFROM node\n", "target: dev", [["shop", null]]],
    ["that is not there", "FROM node\n", "target: x", [["shop", null]]],
    [
      "beside others",
      "FROM node AS api\nFROM node AS job\n",
      "target: api } }, b: { build: { context: ., target: job",
      [
        ["shop", "api"],
        ["shop-2", null],
      ],
    ],
  ])("are built to the stage of the team's own builds, %s", async (_, text, target, expected) => {
    const compose = `services: { a: { build: { context: ., ${target} } } }`
    const { dockerfiles } = await projectOf({ ...base, Dockerfile: text, "compose.yaml": compose })
    expect(dockerfiles.map((one) => [one.name, one.target])).toEqual(expected)
  })

  test.each<[string, string]>([
    [".github/workflows/ci.yml", "jobs: { a: { steps: [{ run: docker build --target prod . }] } }"],
    [
      ".github/workflows/ci.yml",
      "jobs: { a: { steps: [{ uses: docker/build-push-action@v6, with: { target: prod } }] } }",
    ],
    ["Makefile", "image:\n\tdocker buildx build --target=prod -t shop .\n"],
    ["docker-bake.hcl", 'target "api" {\n  context = "."\n  target = "prod"\n}\n'],
  ])("are built to the stage that %s names: %s", async (file, text) => {
    const files = { ...base, Dockerfile: "FROM node AS prod\nFROM node AS docs\n", [file]: text }
    expect((await projectOf(files)).dockerfiles).toMatchObject([{ name: "shop", target: "prod" }])
  })

  test.each<[string, number | null]>([
    [`ports: ["\${P:-80}:3000"]`, 3000],
    ["ports: [{ target: 3001, published: 80 }]", 3001],
    ["expose: ['3002/tcp']", 3002],
    ["environment: { PORT: 3003 }", 3003],
    ["environment: [A=b]", null],
  ])("have the port of their compose service: %s", async (text, port) => {
    const compose = `services: { a: { build: ., ${text} } }`
    const files = { ...base, Dockerfile: `ARG A\n${FROM}`, "compose.yaml": compose }
    expect((await projectOf(files)).dockerfiles[0]?.port).toBe(port)
  })

  test("of one package are several images", async () => {
    const { built } = await found({
      "apps/web/Dockerfile.prod": FROM,
      "apps/web/Dockerfile": FROM,
      "apps/web/Dockerfile.worker": FROM,
    })
    expect(built.map(([file, name]) => [file, name])).toEqual([
      ["apps/web/Dockerfile", "web"],
      ["apps/web/Dockerfile.prod", "web-prod"],
      ["apps/web/Dockerfile.worker", "web-worker"],
    ])
  })
})
