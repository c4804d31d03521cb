import { execFileSync } from "node:child_process"
import { describe, expect, test } from "vitest"
import { aptPackages } from "../../../ci/src/project/declared/apt.js"
import { aptScript } from "../../../ci/src/project/system-install.js"
import { systemPackages, systemText } from "../../../ci/src/project/system-packages.js"
import { type Files, repositoryOf } from "../projects.js"

const PACKAGES = {
  "package.json": { name: "app", scripts: { test: "vitest run" }, devDependencies: { vitest: "3" } },
}
const ci = (jobs: Readonly<Record<string, readonly (string | object)[]>>): Files => ({
  ".github/workflows/ci.yml": {
    on: "push",
    jobs: Object.fromEntries(
      Object.entries(jobs).map(([name, steps]) => [
        name,
        { steps: steps.map((step) => (typeof step === "string" ? { run: step } : step)) },
      ]),
    ),
  },
})

async function packagesIn(files: Files) {
  const [project] = (await repositoryOf(files)).projects
  return project === undefined ? [] : systemPackages(project)
}
const namesIn = async (files: Files) => (await packagesIn(files)).map(({ name }) => name)

describe("a command line of apt-get", () => {
  const named = (run: string) => aptPackages([{ run, env: {}, folder: "" }])

  test.each([
    ["sudo apt-get update -qq && sudo apt-get install -y libpq-dev redis-server", "libpq-dev redis-server"],
    ["DEBIAN_FRONTEND=noninteractive apt install --yes \\\n  jq=1.6-2 libvips-dev:amd64", "jq libvips-dev"],
    ["sudo -E apt-get -o Acquire::Retries=3 -qq install -t bookworm ffmpeg", "ffmpeg"],
    ["sudo apt-get install ./tool.deb $PACKAGES 'php*' g++", "g++"],
    ["apt-get update; apt-get remove -y ffmpeg", ""],
    ["echo apt-get install ffmpeg", ""],
    ["brew install ffmpeg", ""],
  ])("%s", (run, expected) => {
    expect(named(run).join(" ")).toBe(expected)
  })

  test("is left out with its step", () => {
    expect(aptPackages([{ run: "apt-get install jq", env: {}, folder: "", leftOut: true }])).toEqual([])
  })
})

describe("the packages of the system that a project needs", () => {
  test("are those that the jobs with its tests install", async () => {
    const files = {
      ...PACKAGES,
      ...ci({
        docs: ["sudo apt-get install -y texlive-full", "npm run docs"],
        test: ["sudo apt-get install -y redis-server nodejs", "npm ci", "xvfb-run -a npm test"],
      }),
    }
    expect(systemText(await packagesIn(files))).toEqual([
      "by apt-get redis-server (.github/workflows/ci.yml)",
    ])
  })

  test("are those that an action of GitHub installs", async () => {
    const action = { uses: "awalsh128/cache-apt-pkgs-action@v1", with: { packages: "libvips-dev ffmpeg" } }
    expect(await namesIn({ ...PACKAGES, ...ci({ test: [action, "npm test"] }) })).toEqual([
      "libvips-dev",
      "ffmpeg",
    ])
  })

  test("are none of a job that tests another folder", async () => {
    const files = {
      "api/pyproject.toml": '[project]\nname = "api"\n',
      "web/package.json": { name: "web", scripts: { test: "vitest run" } },
      ...ci({
        api: ["sudo apt-get install -y libldap-dev", "cd api && pytest"],
        web: ["cd web && npm test"],
      }),
    }
    const { projects } = await repositoryOf(files)
    expect(
      projects.map((one) => [
        one.path,
        systemPackages(one)
          .map(({ name }) => name)
          .join(),
      ]),
    ).toEqual(
      expect.arrayContaining([
        ["api", "libldap-dev"],
        ["web", ""],
      ]),
    )
  })

  test("are those that dependencies are built with, which machines of CI vendors have", async () => {
    const files = {
      "requirements.txt": "psycopg2==2.9\nmysqlclient\n",
      ...ci({
        test: ["sudo apt-get install -y libmysqlclient-dev", "pip install -r requirements.txt", "pytest"],
      }),
    }
    expect(systemText(await packagesIn(files))).toEqual([
      "by apt-get libmysqlclient-dev (.github/workflows/ci.yml)",
      "by apt-get libpq-dev (psycopg2)",
      "by apt-get pkg-config (mysqlclient)",
    ])
  })

  test("leave the language to the image", async () => {
    const run = "sudo apt-get install -y python3.12-dev libpython3-dev python3-pip python3-gi"
    expect(await namesIn({ "requirements.txt": "", ...ci({ test: [run, "pytest"] }) })).toEqual([
      "python3-gi",
    ])
  })

  test("have Debian's names where Ubuntu's differ", async () => {
    const run = "sudo apt install libasound2t64 mysql-client-8.0 postgresql-client-16 libcurl4-openssl-dev"
    const found = await packagesIn({ ...PACKAGES, ...ci({ test: [run, "npm test"] }) })
    expect(found.map(({ names }) => names.slice(1).join())).toEqual([
      "libasound2",
      "default-mysql-client",
      "postgresql-client",
      "",
    ])
  })
})

test("the script that installs packages is one for a POSIX shell", () => {
  const script = aptScript([{ name: "a", names: ["a", "b"], source: "ci.yml" }])
  expect(() => execFileSync("sh", ["-n", "-c", script])).not.toThrow()
})
