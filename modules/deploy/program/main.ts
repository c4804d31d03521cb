/**
 * The deployer as a program.
 *
 * The request's JSON on stdin; AWS by its standard environment variables; addresses of notifications as JSON in
 * SLIPWAY_NOTIFY. `--verify`, `--terraform` and `--smoke` name shell commands that are run at their step, `--result` the
 * file that takes the result's JSON. Text for people on stdout, the audit log on stderr, the exit code by the outcome.
 */
import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { text } from "node:stream/consumers"
import { parseArgs } from "node:util"
import { deploy } from "./deploy.ts"
import type { PortResult, Ports } from "./given.ts"
import { readRequest, requestJsonSchema } from "./request.ts"
import { accessOf, notifySecrets, secretValues } from "./secrets.ts"

/** Of a request that cannot be read, as sysexits.h has it. */
const USAGE = 64
/** Of the deployer's own fault, as sysexits.h has it. */
const SOFTWARE = 70

const OUTPUT = 200_000

/** Environment variables that a smoke test has no business with. */
const SECRET = /^AWS_|^SLIPWAY_(NOTIFY|WEB_IDENTITY_TOKEN)$/

/** Runs a shell command. Terraform and the verification get the credentials, a smoke test does not. */
const command = (line: string, trusted: boolean) => (): Promise<PortResult> =>
  new Promise((resolve) => {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => trusted || !SECRET.test(name)),
    )
    const child = spawn("sh", ["-c", line], { env, stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    const take = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-OUTPUT)
    }
    child.stdout.on("data", take)
    child.stderr.on("data", take)
    child.on("error", (error) => resolve({ exitCode: 127, output: error.message }))
    child.on("close", (code) => resolve({ exitCode: code ?? 137, output }))
    const stop = () => child.kill("SIGTERM")
    process.once("SIGTERM", stop)
    child.on("close", () => process.off("SIGTERM", stop))
  })

const options = {
  verify: { type: "string" },
  terraform: { type: "string" },
  smoke: { type: "string" },
  result: { type: "string" },
  schema: { type: "boolean" },
} as const

async function main(): Promise<number> {
  const { values } = parseArgs({ options })
  if (values.schema) {
    console.log(JSON.stringify(requestJsonSchema(), null, 2))
    return 0
  }
  const read = readRequest(await text(process.stdin))
  if (!read.ok) {
    console.log(["the request cannot be read:", ...read.problems.map((problem) => `  ${problem}`)].join("\n"))
    return USAGE
  }
  const stop = new AbortController()
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort())
  const { verify, terraform, smoke } = values
  const ports: Ports = {
    ...(verify ? { verify: command(verify, true) } : {}),
    ...(terraform ? { terraform: command(terraform, true) } : {}),
    ...(smoke ? { smoke: command(smoke, false) } : {}),
  }
  const result = await deploy(read.request, {
    access: accessOf(read.request),
    ...{ ports, notify: notifySecrets(), secrets: secretValues(), signal: stop.signal },
    print: (line) => console.log(line),
    log: (line) => console.error(line),
  })
  if (values.result) writeFileSync(values.result, `${JSON.stringify(result)}\n`)
  console.log(`\n${result.text}`)
  return result.exitCode
}

try {
  process.exitCode = await main()
} catch (error) {
  console.log(`the deployer cannot run: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = SOFTWARE
}
