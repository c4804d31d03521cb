import * as fs from "node:fs"
import * as path from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import { render, vendorOf } from "../../cli/wrappers/work.js"
import { MEDFLOW, temporary, write } from "../engine/support.js"
import { comparable, copyOf, PIN, small } from "../engine/vendor-apps.js"
import { SCHEMAS } from "./wrappers/proofs.js"
import { ended, fromGo, gitlabCiLocal, run, tools } from "./wrappers/tools.js"

beforeAll(async () => {
  await fromGo("actionlint")
  await fromGo("act")
  await run("python3", ["-m", "venv", "venv"])
  await run("venv/bin/pip", ["install", "--quiet", "check-jsonschema==0.39.0"])
  await gitlabCiLocal()
  const groovy = [
    "dependency:copy",
    "-Dartifact=org.apache.groovy:groovy:4.0.28",
    `-DoutputDirectory=${tools}`,
  ]
  await run("mvn", ["--quiet", ...groovy])
})

/** The example app, whose people are told of checks. */
const told = temporary("told")
const settings = fs.readFileSync(path.join(MEDFLOW, "slipway.yaml"), "utf8")
write(told, { "slipway.yaml": `${settings}notifications: [{ kind: slack, name: team }]\n` })

/** Writes a vendor's files for the example app, with and without its deployments, with all that they may have. */
function written(vendor: string, deploy: boolean, shards = 1): string {
  const folder = temporary(vendor)
  write(folder, render(told, { vendor, deploy, branch: "main", shards }, PIN))
  return folder
}

const yamlFiles = (folder: string): readonly string[] =>
  fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yml") && !file.startsWith(".git/"))

async function expectValid(folder: string, words: readonly string[]): Promise<void> {
  // The schema of Azure has patterns that Unicode's rules do not allow.
  const options = ["--regex-variant", "nonunicode", ...words, ...yamlFiles(folder)]
  expect(await ended(path.join(tools, "venv/bin/check-jsonschema"), options, folder)).toMatchObject({
    code: 0,
  })
}

async function expectLinted(folder: string): Promise<void> {
  await run("git", ["init", "--quiet"], folder)
  expect(await ended(path.join(tools, "actionlint"), [], folder)).toEqual({ code: 0, output: "" })
}

describe("the files for three machines", () => {
  const able = Object.entries(SCHEMAS).filter(([vendor]) => vendorOf(vendor).shards)
  test.each(able)("are valid by the schema of %s", (vendor, words) =>
    expectValid(written(vendor, true, 3), words))

  test("pass actionlint", () => expectLinted(written("github", true, 3)))
})

describe.each([false, true])("the files of a vendor, with deployments: %s", (deploy) => {
  test.each(Object.entries(SCHEMAS))("are valid by the schema of %s", (vendor, words) =>
    expectValid(written(vendor, deploy), words))

  test("pass actionlint", () => expectLinted(written("github", deploy)))

  test("are Groovy that runs the commands of each stage, for Jenkins", async () => {
    const folder = written("jenkins", deploy)
    const script = path.join(import.meta.dirname, "wrappers/jenkinsfile.groovy")
    const words = [
      "-cp",
      path.join(tools, "groovy-4.0.28.jar"),
      "groovy.ui.GroovyMain",
      script,
      "Jenkinsfile",
    ]
    const [check, ...others] = (await run("java", words, folder)).trim().split("\n")
    expect(check).toBe("sh sh .ci/slipway ci")
    expect(others[0]).toContain("sh .ci/slipway notify --branch main")
    expect(others).toHaveLength(deploy ? 5 : 1)
  })
})

/** Stands for an action that uploads: keeps what it is given. */
const STAND_IN = `name: stand-in
inputs: { path: {}, sarif_file: {}, name: {} }
runs:
  using: composite
  steps:
    - shell: bash
      run: cp -r "\${{ inputs.path || inputs.sarif_file }}" "$KEPT/"
`

const recordOf = (folder: string) =>
  JSON.parse(fs.readFileSync(path.join(folder, ".slipway/result.json"), "utf8"))

describe("the written files, run by runners that are not ours", () => {
  const app = small(true)
  let direct = ""
  beforeAll(async () => {
    const folder = copyOf(app)
    await ended("sh", [".ci/slipway", "ci"], folder, { GITHUB_ACTIONS: "true" })
    direct = comparable(recordOf(folder))
  })

  test("act runs GitHub's workflow: red, with its summary, findings and artifact", async () => {
    const folder = copyOf(app)
    const kept = temporary("kept")
    const actions = temporary("actions")
    write(actions, { "artifact/action.yml": STAND_IN, "codeql/upload-sarif/action.yml": STAND_IN })
    const uses = (name: string) =>
      new RegExp(`uses: ${name}(?:/upload-sarif)?@(\\w+)`).exec(
        fs.readFileSync(path.join(folder, ".github/workflows/ci.yml"), "utf8"),
      )?.[1]
    const { code, output } = await ended(
      path.join(tools, "act"),
      [
        ...["push", "-P", "ubuntu-latest=-self-hosted", "--env", `KEPT=${kept}`],
        ...[
          "--local-repository",
          `actions/upload-artifact@${uses("actions/upload-artifact")}=${actions}/artifact`,
        ],
        ...["--local-repository", `github/codeql-action@${uses("github/codeql-action")}=${actions}/codeql`],
      ],
      folder,
    )
    expect(code, output).toBe(1)
    expect(output).toContain("is free")
    expect(fs.readdirSync(kept).toSorted()).toEqual([".slipway", "findings.sarif"])
    expect(recordOf(kept).context.vendor).toBe("github")
    expect(comparable(recordOf(kept))).toBe(direct)
  })

  test("gitlab-ci-local runs GitLab's pipeline: red, with its summary", async () => {
    const folder = copyOf(app)
    await run("git", ["remote", "add", "origin", "https://git.example.org/team/app.git"], folder)
    // It has no Docker for services here, and does not call itself GitLab.
    write(folder, {
      ".gitlab-ci-local.yml": "default: { services: [] }\n",
      // Its own files are none of the app's.
      ".git/info/exclude": ".gitlab-ci-local*\n",
    })
    const words = [
      "--force-shell-executor",
      "--shell-isolation=false",
      "--variable",
      "GITLAB_CI=true",
      "check",
    ]
    const program = path.join(tools, "node_modules/.bin/gitlab-ci-local")
    const { code, output } = await ended(program, words, folder, { PATH: `${tools}:${process.env.PATH}` })
    expect(code, output).not.toBe(0)
    expect(output).toContain("is free")
    const kept = path.join(folder, ".gitlab-ci-local/artifacts/check")
    expect(recordOf(kept).context.vendor).toBe("gitlab")
    expect(comparable(recordOf(kept))).toBe(direct)
  })
})
