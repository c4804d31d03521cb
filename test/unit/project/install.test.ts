import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { finalFailure, installFailure } from "../../../ci/src/project/install-failure.js"
import { sourcesIn } from "../../../ci/src/project/manager-programs.js"
import { manifests } from "../../../ci/src/project/packages.js"
import { wantedIn } from "../../../ci/src/project/variables.js"
import { secretOptions } from "../../../cli/request.js"
import { projectOf } from "../projects.js"

type Files = Readonly<Record<string, string | object>>

const NPM: Files = { "package.json": {}, "package-lock.json": {} }
const PNPM: Files = { "package.json": { packageManager: "pnpm@8.15.9" }, "pnpm-lock.yaml": "" }
const YARN: Files = { "package.json": { packageManager: "yarn@4.4.1" }, "yarn.lock": "" }
const BUN: Files = { "package.json": {}, "bun.lock": "" }

describe("a failed install", () => {
  test.each<readonly [log: string, files: Files, verdict: string, cause: string, summary: RegExp]>([
    [
      "npm error code EUSAGE\nnpm error\nnpm error `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync.\nnpm error\nnpm error Missing: ms@2.1.3 from lock file\nnpm error\nnpm error Clean install a project\n",
      NPM,
      "failed",
      "lock-file",
      /^package-lock\.json and package\.json disagree: run npm install .* \(npm error Missing: ms@2\.1\.3 from lock file\)$/,
    ],
    [
      ' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile" because pnpm-lock.yaml is not up to date with package.json\n',
      PNPM,
      "failed",
      "lock-file",
      /disagree: run pnpm install .*ERR_PNPM_OUTDATED_LOCKFILE/,
    ],
    [
      " ERR_PNPM_LOCKFILE_BREAKING_CHANGE  Lockfile /app/pnpm-lock.yaml not compatible with current pnpm\n",
      PNPM,
      "failed",
      "lock-file",
      /^pnpm 8\.15\.9 \(from packageManager\) cannot read pnpm-lock\.yaml: set packageManager/,
    ],
    [
      "➤ YN0028: │ The lockfile would have been modified by this install, which is explicitly forbidden.\n",
      YARN,
      "failed",
      "lock-file",
      /disagree: run yarn install .*YN0028/,
    ],
    [
      "error: lockfile had changes, but lockfile is frozen\n",
      BUN,
      "failed",
      "lock-file",
      /disagree: run bun install/,
    ],
    [
      " ERR_PNPM_UNSUPPORTED_ENGINE  Unsupported environment (bad pnpm and/or Node.js version)\n",
      PNPM,
      "failed",
      "failed",
      /^pnpm 8\.15\.9 refuses to install: ERR_PNPM_UNSUPPORTED_ENGINE/,
    ],
    [
      "npm error code ERESOLVE\nnpm error ERESOLVE could not resolve\n",
      NPM,
      "failed",
      "failed",
      /refuses to install: npm error ERESOLVE could not resolve/,
    ],
    [
      'npm error code EUNSUPPORTEDPROTOCOL\nnpm error Unsupported URL Type "workspace:": workspace:*\n',
      NPM,
      "failed",
      "failed",
      /refuses to install: npm error Unsupported URL Type/,
    ],
    [
      ' ERR_PNPM_WORKSPACE_PKG_NOT_FOUND  In a: "b@workspace:*" is in the dependencies but no package named "b" is present\n',
      PNPM,
      "failed",
      "failed",
      /refuses to install: ERR_PNPM_WORKSPACE_PKG_NOT_FOUND/,
    ],
    [
      " ENOENT  ENOENT: no such file or directory, open '/app/patches/a.patch'\n",
      PNPM,
      "failed",
      "failed",
      /refuses to install: .*a\.patch/,
    ],
    [
      "➤ YN0001: │ Error: @x/b@workspace:*: Workspace not found (@x/b@workspace:*)\n",
      YARN,
      "failed",
      "failed",
      /refuses to install: .*Workspace not found/,
    ],
    [
      "➤ YN0086: │ Some peer dependencies are incorrectly met by dependencies\n➤ YN0062: │ fsevents: skipped\n➤ YN0001: │   Fatal Error: unable to access 'https://github.com/a/b.git/': Could not resolve host: github.com\n",
      YARN,
      "errored",
      "download",
      /^cannot install dependencies: .*YN0001: .*github\.com/,
    ],
    [
      "npm error code ECONNREFUSED\nnpm error network request to http://127.0.0.1:9/ms failed\n",
      NPM,
      "errored",
      "download",
      /^cannot install dependencies: npm error network request/,
    ],
  ])("by %j is told with its line", async (log, files, verdict, cause, summary) => {
    const project = await projectOf(files)
    const found = installFailure(log, project, [])
    expect(found).toMatchObject({ verdict, cause })
    expect(found.summary).toMatch(summary)
    // What another try cannot change is the code's fault, and the other way round.
    expect(new RegExp(finalFailure(project, [])).test(log)).toBe(verdict === "failed")
  })
})

const GYP =
  "npm error code 1\nnpm error path /app/node_modules/sqlite3\nnpm error command sh -c node-gyp rebuild\n"

test.each([
  ["npm error gyp ERR! find Python\n", "cannot install dependencies: npm error gyp ERR! find Python"],
  [
    "npm error prebuild-install warn install getaddrinfo ENOTFOUND github.com\nnpm error gyp ERR! find Python\n",
    "cannot install dependencies: sqlite3 needs a file from github.com, which is not reachable here",
  ],
])("a missing binary is errored, and tried once: %j", async (log, summary) => {
  const project = await projectOf(NPM)
  expect(installFailure(GYP + log, project, [])).toMatchObject({ verdict: "errored", summary })
  expect(new RegExp(finalFailure(project, [])).test(log)).toBe(true)
})

test("a git host that refuses access is a missing token, and is tried once", async () => {
  const log =
    "npm error code 128\nnpm error command git ls-remote ssh://x\nnpm error Permission denied (publickey).\n"
  const project = await projectOf(NPM)
  expect(installFailure(log, project, [])).toMatchObject({ verdict: "errored", cause: "token" })
  expect(new RegExp(finalFailure(project, [])).test(log)).toBe(true)
})

test("bun's settings name variables without brackets", () => {
  const text = `[install.scopes]\n"@x" = { token = "$NPM_TOKEN", url = "\${URL}" }\n`
  expect(wantedIn("bunfig.toml", text).map(({ name }) => name)).toEqual(["NPM_TOKEN", "URL"])
})

describe("an install without a variable that settings want", () => {
  const npmrc = `# \${OLD}\nregistry=https://npm.example.org/\n//npm.example.org/:_authToken=\${NPM_TOKEN}\nkey=\${PORT:-1}\n`

  test("names the variable, its file and its line, and is tried once", async () => {
    const missing = wantedIn(".npmrc", npmrc)
    expect(missing).toEqual([{ name: "NPM_TOKEN", file: ".npmrc", line: 3, registries: ["npm.example.org"] }])
    const logs = [
      `error Error: Failed to replace env in config: \${NPM_TOKEN}\n`,
      "npm error code E401\nnpm error Incorrect or missing password.\n",
      "npm error request to https://npm.example.org/@acme%2fx failed, reason: getaddrinfo ENOTFOUND\n",
    ]
    for (const log of logs) {
      const project = await projectOf(NPM)
      expect(installFailure(log, project, missing)).toMatchObject({ verdict: "errored", cause: "token" })
      expect(installFailure(log, project, missing).summary).toMatch(/^\.npmrc:3 needs the variable NPM_TOKEN/)
      expect(new RegExp(finalFailure(project, missing)).test(log)).toBe(true)
    }
  })

  test("is named where a package of the team's own registry cannot be had, and not where a public one cannot", async () => {
    const bun = `[install.scopes]\n"@acme" = { token = "$TOKEN", url = "https://npm.acme.example/" }\n`
    const missing = wantedIn("bunfig.toml", bun)
    const project = await projectOf(NPM)
    const cause = (name: string) =>
      installFailure(`error: DNSResolveFailed downloading tarball ${name}@1.0.0\n`, project, missing).cause
    expect(cause("@acme/x")).toBe("token")
    expect(cause("express")).toBe("download")
    const open = wantedIn(".npmrc", `//registry.npmjs.org/:_authToken=\${NPM_TOKEN}\n`)
    expect(open).toMatchObject([{ name: "NPM_TOKEN", registries: [] }])
  })

  test("is no other fault's name: a package that is not there is told as that where nothing is missing", async () => {
    const log = "npm error code E404\nnpm error 404 Not Found - GET https://npm.example.org/nope\n"
    const project = await projectOf(NPM)
    expect(installFailure(log, project, []).cause).not.toBe("token")
    expect(new RegExp(finalFailure(project, [])).test(log)).toBe(true)
    expect(installFailure(log, project, wantedIn(".npmrc", npmrc)).cause).toBe("token")
  })

  test("gets those that slipway.yaml names and the environment holds", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-secrets-"))
    onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }))
    expect(secretOptions(folder, { NPM_TOKEN: "x" })).toEqual([])
    fs.writeFileSync(path.join(folder, "slipway.yaml"), "secrets: [NPM_TOKEN, OTHER]\n")
    expect(secretOptions(folder, { NPM_TOKEN: "x", OTHER: "" })).toEqual(["--secret=env://NPM_TOKEN"])
  })
})

describe("the files that an install reads", () => {
  const read = async (files: Files) =>
    manifests(await projectOf(files)).filter((file) => file !== "patches/**")

  test("are manifests, lock files and settings of all packages", async () => {
    const files = await read({
      "package.json": { workspaces: ["packages/*"] },
      "packages/a/package.json": {},
    })
    expect(files).toEqual(
      expect.arrayContaining(["package.json", "packages/a/package.json", "packages/a/.npmrc"]),
    )
    expect(files).toEqual(expect.arrayContaining([".npmrc", ".pnpmfile.*", "bun.lock", ".yarn/plugins/**"]))
  })

  test("are patches, tarballs and folders where they lie", async () => {
    const files = await read({
      "package.json": {
        dependencies: {
          left: "file:vendor/left-1.0.0.tgz",
          lib: "file:./lib",
          gone: "file:../outside",
          ms: "patch:ms@npm%3A2.1.3#~/fixes/ms.patch&./other/ms.patch",
          plain: "^1.0.0",
        },
        pnpm: { patchedDependencies: { "is-odd@3.0.1": "tools/is-odd.patch" } },
      },
      "vendor/left-1.0.0.tgz": "",
      "lib/package.json": { dependencies: { deep: "link:../deep" } },
      "deep/package.json": {},
      "fixes/ms.patch": "",
      "other/ms.patch": "",
      "tools/is-odd.patch": "",
    })
    expect(files).toEqual(
      expect.arrayContaining([
        ...["deep/**", "lib/**", "vendor/left-1.0.0.tgz"],
        ...["fixes/ms.patch", "other/ms.patch", "tools/is-odd.patch"],
      ]),
    )
  })

  test("are patches that pnpm-workspace.yaml names, and programs that pnpm links", async () => {
    const files = await read({
      "package.json": { bin: "cli.js" },
      "cli.js": "",
      "pnpm-workspace.yaml": "packages: [./a]\npatchedDependencies:\n  ms: fixes/ms.patch\n",
      "fixes/ms.patch": "",
      "a/package.json": { bin: { a: "bin/a.js", b: "./dist/b.js" } },
      "a/bin/a.js": "",
    })
    expect(files).toEqual(expect.arrayContaining(["a/bin/a.js", "fixes/ms.patch"]))
    expect(files).not.toEqual(expect.arrayContaining(["cli.js"]))
    expect(files).not.toEqual(expect.arrayContaining(["a/**"]))
  })
})

test("a package manager is fetched from the project's registry, without what wants a variable", () => {
  const npmrc = [
    "registry=https://npm.example.org/",
    "@acme:registry = https://acme.example.org",
    `//npm.example.org/:_authToken=\${NPM_TOKEN}`,
    "min-release-age=7",
    "ignore-scripts=true",
  ].join("\r\n")
  expect(sourcesIn(npmrc)).toBe(
    "registry=https://npm.example.org/\n@acme:registry = https://acme.example.org\n",
  )
})
