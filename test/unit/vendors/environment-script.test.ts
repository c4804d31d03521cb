import { execFile, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { parseCall } from "../../../cli/module/call.js"
import { moduleDescription } from "../../../cli/module/load.js"
import { render } from "../../../cli/wrappers/work.js"
import { repository } from "../../../engine/host/repository.js"

/** An app with the example's environments, where `.ci/slipway` and `aws` write down how they are called. */
const app = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-environment-"))
const calls = path.join(app, "calls")
afterAll(() => fs.rmSync(app, { recursive: true, force: true }))

const SLIPWAY = `[ "$END" != wait ] || trap 'echo stopped >>calls; exit 130' TERM
printf '%s\\n' "$*" >>calls
case $* in
approvals*) echo '[]' ;;
image\\ push*) echo registry.example.org/backend@sha256:1 ;;
compatible*) exit "$TRIED" ;;
deploy*) if [ "$END" = wait ]; then sleep 20 >/dev/null 2>&1 & wait; fi; exit "$END" ;;
infra\\ alert*) exit "$END" ;;
esac
`
const AWS = `#!/bin/sh
echo "aws $* in \${AWS_DEFAULT_REGION:-}" >>calls
case $1 in sts) echo key secret session ;; *) echo password ;; esac
`

const medflow = path.join(repository(), "examples/medflow")
const scriptOf = (folder: string) =>
  render(folder, { vendor: "gitlab", deploy: true, branch: "main" }, "checkout")[".ci/environment"] ?? ""

beforeAll(() => {
  const settings = fs.readFileSync(path.join(medflow, "slipway.yaml"), "utf8")
  const required = settings.replaceAll("phase: expand", "phase: expand\n      compatible: required")
  fs.writeFileSync(path.join(app, "slipway.yaml"), required)
  const script = scriptOf(app)
  fs.mkdirSync(path.join(app, ".ci"))
  fs.mkdirSync(path.join(app, "bin"))
  fs.writeFileSync(path.join(app, ".ci/environment"), script)
  fs.writeFileSync(path.join(app, ".ci/slipway"), SLIPWAY)
  fs.writeFileSync(path.join(app, "bin/aws"), AWS, { mode: 0o755 })
})

const environment = (end: string, more = {}) => ({
  PATH: `${path.join(app, "bin")}:${process.env.PATH}`,
  END: end,
  TRIED: "0",
  AWS_TOKEN: "a.b.c",
  BETWEEN: "0",
  ...more,
})

/** Runs the script; returns its exit code and the calls that it made. */
const run = (words: readonly string[], end = "0", more = {}) =>
  new Promise<{ readonly code: number; readonly lines: readonly string[] }>((resolve) => {
    fs.rmSync(calls, { force: true })
    const options = { cwd: app, env: environment(end, more) }
    execFile("sh", [".ci/environment", ...words], options, (error) => {
      const code = error === null ? 0 : Number(error.code)
      resolve({ code, lines: fs.existsSync(calls) ? fs.readFileSync(calls, "utf8").trim().split("\n") : [] })
    })
  })

test.each([
  ["deploy", "staging", ["approvals", "image push", "image check", "image sign", "compatible", "deploy"]],
  ["deploy", "production", ["approvals", "compatible", "promote"]],
  ["watch", "staging", ["infra drift", "infra drift", "infra alert", "scan live"]],
])("%s %s calls functions of the module with options that they have", async (action, name, wanted) => {
  const module = await moduleDescription()
  const { code, lines } = await run([action, name], "0", { NOTIFICATIONS: "{}", APPROVERS: "ada bob" })
  expect(code).toBe(0)
  const own = lines.filter((line) => !line.startsWith("aws "))
  expect(own.map((line, index) => (line.startsWith(`${wanted[index]} `) ? wanted[index] : line))).toEqual(
    wanted,
  )
  for (const line of own.filter((one) => !one.startsWith("approvals"))) {
    const { words, options } = parseCall(module, line.split(" "), (word) => word === ".")
    const known = JSON.stringify(module)
    for (const word of [...words, ...options].filter((one) => one.startsWith("--") && one !== "--path"))
      expect(known, line).toContain(`"${word.slice(2)}"`)
  }
})

test("a newer deployment in its place is not red; any other end is its own", async () => {
  expect((await run(["deploy", "staging"], "42")).code).toBe(0)
  expect((await run(["deploy", "staging"], "40")).code).toBe(40)
  expect((await run(["watch", "staging"], "62")).code).toBe(62)
  expect((await run(["deploy", "nowhere"])).code).toBe(2)
})

test("what the live release does not work with is not deployed", async () => {
  for (const name of ["staging", "production"]) {
    const { code, lines } = await run(["deploy", name], "0", { TRIED: "47" })
    expect([code, lines.at(-1)]).toEqual([47, expect.stringMatching(/^compatible \. --(images|from) /)])
  }
  expect(scriptOf(medflow)).not.toContain("compatible")
})

test("the AWS CLI knows the region in version 1 too", async () => {
  const { lines } = await run(["deploy", "staging"])
  expect(lines.filter((line) => line.startsWith("aws "))).toEqual([
    "aws ecr get-login-password in eu-central-1",
  ])
})

test("without a token the machine's role assumes that of the environment", async () => {
  const { lines } = await run(["deploy", "staging"], "0", { AWS_TOKEN: "" })
  expect(lines.find((line) => line.startsWith("aws sts"))).toContain(
    "arn:aws:iam::111111111111:role/medflow-staging-deploy",
  )
  expect(lines.at(-1)).toContain("--aws-session-token env://AWS_SESSION_TOKEN")
  expect(lines.join("\n")).not.toContain("secret ")
})

test("a signal reaches Slipway, and the script waits for its end", async () => {
  fs.rmSync(calls, { force: true })
  const child = spawn("sh", [".ci/environment", "deploy", "staging"], { cwd: app, env: environment("wait") })
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve))
  await expect
    .poll(() => (fs.existsSync(calls) ? fs.readFileSync(calls, "utf8") : ""), { timeout: 20_000 })
    .toMatch(/^deploy/m)
  child.kill("SIGTERM")
  expect(await ended).toBe(130)
  expect(fs.readFileSync(calls, "utf8")).toMatch(/stopped\n$/)
})

/** The example's environments with a second one of production, and both as waves. */
const IN_WAVES = (settings: string) => {
  const [before = "", production = ""] = settings.split(/^(?= {2}production:\n {4}production: true)/m)
  const second = production
    .replace("  production:", "  us-east:")
    .replaceAll("medflow-production", "medflow-us")
  return `${before}${production}\n${second.replaceAll("222222222222", "333333333333")}\nwaves: { world: { order: [[production], [us-east]] } }\n`
}

test("every target of the vendor's files is one that the script knows, waves of one environment as well", () => {
  const settings = fs.readFileSync(path.join(app, "slipway.yaml"), "utf8")
  try {
    fs.writeFileSync(
      path.join(app, "slipway.yaml"),
      `${settings}\nwaves: { world: { order: [[production]] } }\n`,
    )
    const files = render(app, { vendor: "gitlab", deploy: true, branch: "main" }, "checkout")
    const targets = (files[".gitlab/deploy.yml"] ?? "").matchAll(/environment deploy (\S+)/g)
    const named = [...targets].map(([, name]) => name)
    expect(named).toEqual(["staging", "world"])
    for (const name of named)
      expect(files[".ci/environment"]).toMatch(new RegExp(`^${name}\\) account=\\d+ `, "m"))
  } finally {
    fs.writeFileSync(path.join(app, "slipway.yaml"), settings)
  }
})

test("waves are promoted as one, after the try of each environment, by the token alone where they have several roles", async () => {
  const script = fs.readFileSync(path.join(app, ".ci/environment"), "utf8")
  const settings = fs.readFileSync(path.join(app, "slipway.yaml"), "utf8")
  try {
    fs.writeFileSync(path.join(app, "slipway.yaml"), IN_WAVES(settings))
    fs.writeFileSync(path.join(app, ".ci/environment"), scriptOf(app))
    const { code, lines } = await run(["deploy", "world"])
    const own = lines
      .filter((line) => !/^(?:aws|approvals)/.test(line))
      .map((line) => line.split(" --key")[0])
    expect([code, own.map((line) => line?.replace(/ --username.*/, ""))]).toEqual([
      0,
      [
        "compatible . --from staging --env production",
        "compatible . --from staging --env us-east",
        "promote . --from staging --env world",
      ],
    ])
    expect((await run(["watch", "us-east"])).lines.join("\n")).toContain("scan live . --env us-east")
    const refused = await run(["deploy", "world"], "0", { AWS_TOKEN: "" })
    expect(refused).toEqual({ code: 2, lines: [] })
    expect((await run(["deploy", "us-east"], "0", { AWS_TOKEN: "" })).code).toBe(0)
  } finally {
    fs.writeFileSync(path.join(app, "slipway.yaml"), settings)
    fs.writeFileSync(path.join(app, ".ci/environment"), script)
  }
})
