/**
 * The deployer as a command-line program.
 *
 * Reads the request as JSON from stdin, AWS credentials from the standard environment variables, addresses of
 * notifications as JSON from SLIPWAY_NOTIFY, and tokens for the vendor's approvals and deployments from
 * SLIPWAY_APPROVAL_TOKEN and SLIPWAY_DEPLOYMENT_TOKEN. `--verify`, `--terraform` and `--smoke` are shell commands for these steps;
 * `--result` is the file for the result as JSON. Progress and result go to stdout, the audit log to stderr. The exit code
 * is the outcome's.
 */
import { writeFileSync } from "node:fs"
import { text } from "node:stream/consumers"
import { parseArgs } from "node:util"
import type { Ports } from "./core/context.ts"
import { readRequest, requestJsonSchema } from "./core/request.ts"
import { messageOf } from "./core/text.ts"
import { credentialsOf } from "./credentials.ts"
import { deploy } from "./deploy.ts"
import { shellCommand } from "./shell.ts"

/** Exit code for an invalid request (EX_USAGE of sysexits.h). */
const USAGE = 64
/** Exit code for a fault of the deployer (EX_SOFTWARE of sysexits.h). */
const SOFTWARE = 70

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
    console.log(["the request is invalid:", ...read.problems.map((problem) => `  ${problem}`)].join("\n"))
    return USAGE
  }
  const stop = new AbortController()
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort())
  const { verify, terraform, smoke } = values
  const port = (line: string | undefined, trusted: boolean) =>
    line ? shellCommand(line, read.request, trusted) : undefined
  const ports: Ports = {
    verify: port(verify, true),
    terraform: port(terraform, true),
    smoke: port(smoke, false),
  }
  const result = await deploy(read.request, {
    ...credentialsOf(read.request),
    ports,
    signal: stop.signal,
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
  console.log(`the deployer cannot run: ${messageOf(error)}`)
  process.exitCode = SOFTWARE
}
