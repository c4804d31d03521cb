import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { parseAllDocuments } from "yaml"
import { SLIPWAY } from "../../../ci/src/vendors/wrappers/wrapper.js"
import { commands } from "../../../cli/commands/index.js"
import { differences } from "../../../cli/wrappers/compare.js"
import { NAMES, optionsOf, render, vendorOf, writtenPin } from "../../../cli/wrappers/work.js"
import { repository } from "../../../engine/host/repository.js"

const MEDFLOW = path.join(repository(), "examples/medflow")
const PIN = { address: "https://example.org/team/slipway.git", commit: "0f3c".repeat(10) }
const filesOf = (vendor: string, deploy: boolean) => render(MEDFLOW, { vendor, deploy, branch: "main" }, PIN)
const notOfScripts = (files: Readonly<Record<string, string>>) =>
  Object.entries(files).filter(([file]) => !file.startsWith(".ci/"))
const own = (vendor: string, deploy: boolean) => notOfScripts(filesOf(vendor, deploy))

/** Folders to write into. */
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-wrappers-"))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

/** The example app, whose people are told of checks. */
const told = path.join(folder, "told")
fs.mkdirSync(told)
fs.writeFileSync(
  path.join(told, "slipway.yaml"),
  `${fs.readFileSync(path.join(MEDFLOW, "slipway.yaml"), "utf8")}notifications: [{ kind: slack, name: team }]\n`,
)
const wrappers = (...args: readonly string[]) => {
  const command = commands.find(({ name }) => name === "wrappers")
  if (!command) throw new Error("no such command")
  return command.run(args)
}

/** The number of lines, without those that are for Prettier. */
const linesOf = (text: string) => text.split("\n").filter((line) => line !== "# prettier-ignore").length

describe.each(NAMES)("the wrapper of %s", (vendor) => {
  test("is small: 40 lines to check, 70 to deploy as well", () => {
    for (const [file, text] of own(vendor, false)) expect(linesOf(text), file).toBeLessThanOrEqual(41)
    for (const [file, text] of own(vendor, true)) expect(linesOf(text), file).toBeLessThanOrEqual(71)
  })

  test("keeps Prettier from what it would write otherwise, where the app has it", () => {
    for (const [file, text] of own(vendor, true)) {
      const top = file === "Jenkinsfile" ? [] : [...text.matchAll(/^(.*)\n([\w.-]+:.*)$/gm)]
      for (const [, before, line = ""] of top)
        if (!/^[\w.-]+: [\w .-]+$/.test(line)) expect(before, `${file}: ${line}`).toBe("# prettier-ignore")
    }
    const bare = fs.mkdtempSync(path.join(folder, "bare-"))
    const files = render(bare, { vendor, deploy: false, branch: "main" }, PIN)
    expect(Object.values(files).join("")).not.toContain("prettier")
  })

  test("runs the check once, by the script that all vendors share, and is valid YAML", () => {
    const text = own(vendor, false)
      .map(([, one]) => one)
      .join("")
    expect(text.match(/sh \.ci\/slipway ci/g)).toHaveLength(1)
    for (const [file, one] of own(vendor, true))
      if (file !== "Jenkinsfile")
        for (const { errors } of parseAllDocuments(one)) expect(errors, file).toEqual([])
  })

  test("has no key of AWS, and deploys to each environment with its own approvals", () => {
    const text = own(vendor, true)
      .map(([, one]) => one)
      .join("")
    expect(text).not.toMatch(/AWS_(ACCESS|SECRET)|aws-access|aws_access/)
    for (const name of ["staging", "production"]) expect(text).toContain(name)
    expect(text).toMatch(/APPROVERS/)
  })

  test.each([
    false,
    true,
  ])("tells people of red and green runs where channels are named, deployments: %s", (deploy) => {
    const files = notOfScripts(render(told, { vendor, deploy, branch: "release" }, PIN))
    const all = files.map(([, text]) => text).join("")
    expect(all.match(/sh \.ci\/slipway notify --branch release/g)).toHaveLength(1)
    expect(all).toMatch(/notified/)
    for (const [file, text] of files) {
      expect(linesOf(text), file).toBeLessThanOrEqual(deploy ? 76 : 41)
      if (file !== "Jenkinsfile")
        for (const { errors } of parseAllDocuments(text)) expect(errors, file).toEqual([])
    }
    expect(
      own(vendor, deploy)
        .map(([, text]) => text)
        .join(""),
    ).not.toContain("slipway notify")
  })

  test("keeps evidence of red runs: summary, tests, folder", () => {
    const [[, text] = ["", ""]] = own(vendor, false)
    expect(text).toMatch(/summary\.md|archiveArtifacts/)
    expect(text).toMatch(/junit\.xml|upload-artifact|artifact_paths/)
  })

  test("is the same each time, and knows what wrote it", () => {
    for (const [file, text] of Object.entries(filesOf(vendor, true)))
      expect(optionsOf(text), file).toEqual({ vendor, deploy: true, branch: "main" })
    expect(filesOf(vendor, true)).toEqual(filesOf(vendor, true))
  })
})

/** An app whose production is two environments in waves, between two others of the file. */
const waves = path.join(folder, "waves")
fs.mkdirSync(waves)
const place = (name: string, more = "") =>
  `  ${name}: { account: "111111111111", region: eu-central-1, cluster: ${name}, role: ${name}, state: { bucket: ${name}-state }, services: [{ name: api, container: api, image: api }]${more} }\n`
fs.writeFileSync(
  path.join(waves, "slipway.yaml"),
  `environments:\n${place("eu-west", ", approvals: { required: 1 }")}${place("staging")}${place("us-east", ", production: true, approvals: { required: 2 }")}${place("later")}waves:
  world: { order: [[eu-west], [us-east]] }
  europe: { order: [[eu-west]] }
`,
)

describe.each(NAMES)("the wrapper of %s for waves", (vendor) => {
  const text = notOfScripts(render(waves, { vendor, deploy: true, branch: "main" }, PIN))
    .map(([, one]) => one)
    .join("")

  test("deploys them as one, after what comes before their last environment, and watches each environment", () => {
    const order = [...text.matchAll(/(?:deploy |environment: |TARGET is one of: .*)(staging|world|later)\b/g)]
    if (vendor !== "codebuild") {
      expect([...new Set(order.map(([, name]) => name))]).toEqual(["staging", "world", "later"])
      expect(text).not.toMatch(/environment deploy (eu-west|us-east|europe)/)
    }
    for (const name of ["eu-west", "staging", "us-east", "later"]) expect(text).toContain(name)
  })

  test("asks people for each of their environments", () => {
    if (vendor === "azure" || vendor === "codebuild") return
    const asked =
      vendor === "jenkins"
        ? /Deploy to world\? \(3 of 3\)/
        : /eu-west-approval-1[\s\S]*us-east-approval-1[\s\S]*us-east-approval-2/
    expect(text).toMatch(asked)
  })
})

test("stages of Azure have names without hyphens", () => {
  const [, text = ""] =
    notOfScripts(render(waves, { vendor: "azure", deploy: true, branch: "main" }, PIN))[0] ?? []
  const names = [...text.matchAll(/(?:- stage|dependsOn): (\S+)/g)].map(([, name]) => name)
  expect(names.filter((name) => name !== "[]" && !/^\w+$/.test(name ?? ""))).toEqual([])
})

/** Vendors whose wrapper shares the check among machines. */
const SHARDED = NAMES.filter((name) => vendorOf(name).shards)

test("every vendor can share the check among machines, but CodeBuild", () => {
  expect(NAMES.filter((name) => !SHARDED.includes(name))).toEqual(["codebuild"])
})

describe.each(SHARDED)("the wrapper of %s for three machines", (vendor) => {
  const files = (deploy: boolean) => render(MEDFLOW, { vendor, deploy, branch: "main", shards: 3 }, PIN)
  const text = (deploy: boolean) =>
    Object.entries(files(deploy))
      .filter(([file]) => !file.startsWith(".ci/"))
      .map(([, one]) => one)
      .join("")

  test("runs a share on each, and joins them in the check", () => {
    expect(text(false).match(/sh \.ci\/slipway ci --shard .+\/3/g)).toHaveLength(1)
    expect(text(false).match(/sh \.ci\/slipway merge \.slipway\/shards/g)).toHaveLength(1)
    if (vendor !== "jenkins")
      for (const { errors } of parseAllDocuments(text(false))) expect(errors).toEqual([])
  })

  test("deploys after the check alone, and knows what wrote it", () => {
    for (const [file, one] of Object.entries(files(true)))
      expect(optionsOf(one), file).toEqual({ vendor, deploy: true, branch: "main", shards: 3 })
    expect(
      text(true).match(
        /needs: shard|requires: \[shard\]|depends_on: shard|needs: \[shard\]|dependsOn: shard|- \{ parallel:.*\n +- \{ step: \*check|stage\('check'\)/g,
      ),
    ).toHaveLength(1)
  })
})

test.each([
  ["codebuild", "3"],
  ["github", "0"],
  ["github", "65"],
  ["github", "a"],
])("%s has no wrapper for %s machines", async (vendor, shards) => {
  await expect(wrappers(folder, "--vendor", vendor, "--shards", shards)).rejects.toThrow(/--shards/)
})

/** An app whose results are in a registry. */
const stored = path.join(folder, "stored")
fs.mkdirSync(stored)
const signer = `ssh-ed25519 ${"A".repeat(68)}`
fs.writeFileSync(
  path.join(stored, "slipway.yaml"),
  `results: { registry: ghcr.io/clinic/results, signers: ["${signer}"] }\n`,
)

/** Where the released branch alone has the key of results. GitLab and CodeBuild have it in settings of their own. */
const KEY_OF_BRANCH: Readonly<Record<string, RegExp>> = {
  github: /KEY: \$\{\{ github\.event_name == 'push' && secrets\.SLIPWAY_RESULTS_KEY \|\| '' \}\}/,
  azure: /if eq\(variables\['Build\.SourceBranch'\], 'refs\/heads\/release'\) \}\}:\n +SLIPWAY_RESULTS_KEY:/,
  circleci: /only: \[release\] \} \}, context: \[slipway-results\]/,
  jenkins: /BRANCH_NAME == 'release' \? \[.*slipway-results-key.*\] : \[(?!.*results-key)/,
  buildkite: /!= "release false" \] \|\| export SLIPWAY_RESULTS_KEY=/,
  bitbucket: /release:\n +- \{ step: \{ <<: \*check, deployment: slipway-results \} \}/,
}

test.each(Object.entries(KEY_OF_BRANCH))("%s gives the key of results to the branch alone", (vendor, key) => {
  const textOf = (app: string, shards: number) =>
    notOfScripts(render(app, { vendor, deploy: false, branch: "release", shards }, PIN))
      .map(([, text]) => text)
      .join("")
  expect(textOf(stored, 1)).toMatch(key)
  if (vendor !== "bitbucket") expect(textOf(stored, 3).match(new RegExp(key, "g"))).toHaveLength(1)
  for (const shards of [1, 3]) expect(textOf(MEDFLOW, shards)).not.toMatch(/slipway.results/i)
})

test("the scripts are the same for every vendor, but for their mark", () => {
  const scripts = NAMES.map((vendor) =>
    Object.entries(filesOf(vendor, true))
      .filter(([file]) => file.startsWith(".ci/"))
      .map(([file, text]) => [file, text.replace(/^# Written.*$/m, "")]),
  )
  for (const one of scripts) expect(one).toEqual(scripts[0])
})

test("the script fetches the Dagger client for an engine that is named, without Docker", () => {
  const tools = path.join(folder, "tools")
  fs.mkdirSync(tools)
  const script = path.join(tools, "script")
  fs.writeFileSync(
    script,
    render(MEDFLOW, { vendor: "gitlab", deploy: false, branch: "main" }, "checkout")[SLIPWAY] ?? "",
  )
  fs.writeFileSync(path.join(tools, "curl"), "#!/bin/sh\nexit 22\n", { mode: 0o755 })
  for (const name of ["dagger", "docker"])
    fs.writeFileSync(path.join(tools, name), "#!/bin/sh\nexit 1\n", { mode: 0o755 })
  const env = {
    PATH: `${tools}:/usr/bin:/bin`,
    HOME: tools,
    _EXPERIMENTAL_DAGGER_RUNNER_HOST: "tcp://127.0.0.1:1",
  }
  const { status, stderr } = spawnSync("sh", [script], { env, encoding: "utf8" })
  expect(stderr).toBe("slipway: cannot download the Dagger client\n")
  expect(status).toBe(17)
})

test("GitHub's workflows pin actions by commit, and take no permission that they do not need", () => {
  for (const [file, text] of own("github", true)) {
    for (const [line] of text.matchAll(/uses: .*/g))
      expect(line, file).toMatch(/^uses: (\.\/.*|[\w-]+\/[\w/-]+@[0-9a-f]{40} # v[\d.]+)$/)
    expect(text, file).toContain("\npermissions: { contents: read }\n")
    expect(text, file).not.toContain("pull_request_target")
  }
})

describe("slipway wrappers", () => {
  test.each([
    [
      "an unknown vendor",
      ["--vendor", "githup"],
      { kind: "unknown-vendor", message: /githup; did you mean github\?/ },
    ],
    ["no vendor", [], { kind: "unknown-vendor" }],
    [
      "two vendors",
      ["--vendor", "github", "--vendor", "gitlab"],
      { kind: "several-vendors", message: /github, gitlab/ },
    ],
    ["two vendors in a word", ["--vendor", "github,gitlab"], { kind: "several-vendors" }],
    [
      "a deployment to nowhere",
      ["--vendor", "github", "--deploy", "--source", PIN.address],
      { kind: "no-environment" },
    ],
    ["an unknown option", ["--vendro", "github"], { kind: "usage" }],
  ])("refuses %s by its own kind of fault", async (_, args, { kind, ...wanted }) => {
    const empty = fs.mkdtempSync(path.join(folder, "empty-"))
    const fault = await wrappers(empty, ...args).catch((error: unknown) => error)
    expect(fault).toMatchObject({ kind })
    if ("message" in wanted) expect(String(fault)).toMatch(wanted.message)
    expect(fs.readdirSync(empty)).toEqual([])
  })

  test.each([
    ["a file", "file"],
    ["a folder that is missing", "missing"],
  ])("refuses %s as the app's folder", async (_, name) => {
    fs.writeFileSync(path.join(folder, "file"), "")
    const at = path.join(folder, name)
    await expect(wrappers(at, "--vendor", "github")).rejects.toMatchObject({ kind: "no-folder" })
  })

  test("refuses to overwrite a file that it did not write, unless told to", async () => {
    const app = fs.mkdtempSync(path.join(folder, "foreign-"))
    fs.writeFileSync(path.join(app, ".gitlab-ci.yml"), "check: { script: [make] }\n")
    const args = [app, "--vendor", "gitlab", "--source", PIN.address]
    await expect(wrappers(...args)).rejects.toMatchObject({ kind: "wrapper-foreign" })
    expect(fs.readdirSync(app)).toEqual([".gitlab-ci.yml"])
    expect(await wrappers(...args, "--force")).toBe(0)
    expect(await wrappers(app, "--check")).toBe(0)
  })

  test("--check names each file that is missing or differs, and ends with its own exit code", async () => {
    const app = fs.mkdtempSync(path.join(folder, "check-"))
    await expect(wrappers(app, "--check")).rejects.toMatchObject({ kind: "wrapper-outdated" })
    await wrappers(app, "--vendor", "github", "--source", PIN.address)
    await wrappers(app, "--vendor", "jenkins", "--source", PIN.address)
    expect(await wrappers(app, "--check")).toBe(0)
    const config = path.join(app, "slipway.yaml")
    fs.writeFileSync(config, "notifications: [{ kind: slack, name: team }]\n")
    await expect(wrappers(app, "--check")).rejects.toMatchObject({ kind: "wrapper-outdated" })
    fs.rmSync(config)
    fs.appendFileSync(path.join(app, ".github/workflows/ci.yml"), "# mine\n")
    fs.rmSync(path.join(app, ".ci/slipway"))
    await expect(wrappers(app, "--check")).rejects.toMatchObject({
      kind: "wrapper-outdated",
      fix: "write it again: `slipway wrappers --vendor github`, `slipway wrappers --vendor jenkins`",
    })
  })

  test("--check keeps a branch that is not the usual one in the line that writes the files again", async () => {
    const app = fs.mkdtempSync(path.join(folder, "branch-"))
    await wrappers(app, "--vendor", "github", "--branch", "release", "--source", PIN.address)
    fs.rmSync(path.join(app, ".ci/slipway"))
    await expect(wrappers(app, "--check")).rejects.toMatchObject({
      fix: "write it again: `slipway wrappers --vendor github --branch release`",
    })
  })

  test("says in which line a file differs", () => {
    const files = { a: "one\ntwo\n", b: "one\n", c: "one\n", d: "one\n" }
    const found: Readonly<Record<string, string>> = {
      a: "one\n2\n",
      b: "one\nmore\n",
      c: "one\r\n",
      d: "one\n",
    }
    expect(differences({ ...files, e: "x" }, (file) => found[file] ?? null)).toEqual([
      { file: "a", what: "line 2: `2`, would be `two`" },
      { file: "b", what: "line 2: `more`, would be ``" },
      { file: "c", what: "line ends differ" },
      { file: "e", what: "missing" },
    ])
  })

  test("pins Slipway by address and commit, without a password", () => {
    expect(writtenPin(filesOf("github", false)[".ci/slipway"] ?? "")).toEqual(PIN)
  })
})
