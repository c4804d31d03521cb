import { quote } from "../run/command.js"
import { TOOLS } from "./container.js"
import { OUT, TEMP } from "./work.js"

/** Commands that run beside Terraform in its container. */

const node = (script: string, ...args: readonly string[]): string =>
  ["node", "--no-warnings", "--input-type=module", "-e", quote(script), "--", ...args].join(" ")

/** Exit code of a command that was stopped by its timeout or a signal. */
export const STOPPED = 124

/** Seconds that a command gets to finish after it is told to stop. */
export const GRACE = 900

/**
 * Wraps a command so that it stops cleanly. Its step needs {@link GRACE} more than its own seconds.
 *
 * @param command words for the shell.
 * @param flag the file that tells it to stop.
 */
export const supervised = (command: string, seconds: number, flag: string): string =>
  node(
    `const { supervise } = await import("${TOOLS}/supervise.ts")
const { code, stopped } = await supervise(process.argv.slice(1), ${seconds}, ${JSON.stringify(flag)})
if (stopped) console.error("slipway: stopped, exit code " + code)
process.exit(stopped ? ${STOPPED} : code)`,
    command,
  )

/** The variable that holds the key. */
export const KEY = "SLIPWAY_KEY"

/** Where the sealed files of a plan come out, and where one goes in. */
export const BUNDLE = `${OUT}/bundle`
/** The sealed plan that is given to an apply. */
export const SEALED = `${TOOLS}/plan.sealed`
/** Lineage and serial of a state as JSON, without its content. */
export const STATE = `${OUT}/state.json`

/** Writes the plan, as Terraform saved it and as JSON, and the name of the state into {@link BUNDLE}, sealed. */
export const SEAL = node(`import { readFileSync, writeFileSync } from "node:fs"
import { createHash } from "node:crypto"
const { seal } = await import("${TOOLS}/seal.ts")
const plan = readFileSync("${TEMP}/plan")
const text = (name) => readFileSync("${TEMP}/" + name, "utf8")
const state = text("state.json").trim() === "" ? {} : JSON.parse(text("state.json"))
const bundle = {
  plan: plan.toString("base64"),
  digest: "sha256:" + createHash("sha256").update(plan).digest("hex"),
  json: text("plan.json"),
  state: JSON.stringify({ lineage: state.lineage, serial: state.serial }),
}
writeFileSync("${BUNDLE}", seal(JSON.stringify(bundle), process.env.${KEY}.trim()))`)

/** Keeps of a state its name alone, from standard input. */
export const STATE_NAME = node(`import { readFileSync, writeFileSync } from "node:fs"
const text = readFileSync(0, "utf8").trim()
const { lineage, serial } = text === "" ? {} : JSON.parse(text)
writeFileSync("${STATE}", JSON.stringify({ lineage, serial }))`)

/** Opens a sealed plan into {@link TEMP}. */
export const UNSEAL = node(`import { readFileSync, writeFileSync } from "node:fs"
const { unseal } = await import("${TOOLS}/seal.ts")
const { plan } = JSON.parse(unseal(readFileSync("${SEALED}", "utf8"), process.env.${KEY}.trim()))
writeFileSync("${TEMP}/plan", Buffer.from(plan, "base64"))`)

/** The sealed state that Terraform could not write to its backend. */
export const RESCUED = `${OUT}/errored.sealed`

/** Seals a state that could not be written, and removes it. */
export const RESCUE = node(
  `import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
const { seal } = await import("${TOOLS}/seal.ts")
const file = process.argv[1] + "/errored.tfstate"
if (existsSync(file)) {
  writeFileSync("${RESCUED}", seal(readFileSync(file, "utf8"), process.env.${KEY}.trim()))
  rmSync(file)
}`,
)

/** The outputs that are not sensitive, as JSON. */
export const OUTPUTS = `${OUT}/outputs.json`

/** Keeps of the outputs, from standard input, those that are not sensitive. */
export const PUBLIC_OUTPUTS = node(`import { readFileSync, writeFileSync } from "node:fs"
const outputs = Object.entries(JSON.parse(readFileSync(0, "utf8")))
const open = outputs.filter(([, { sensitive }]) => !sensitive).map(([name, { value }]) => [name, value])
writeFileSync("${OUTPUTS}", JSON.stringify(Object.fromEntries(open)))`)
