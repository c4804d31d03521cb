import * as fs from "node:fs"
import { usage } from "../args.js"
import { passThrough } from "../passthrough.js"
import { repository } from "../repository.js"
import { openSession } from "../session.js"
import type { Command } from "./command.js"

/** Functions of the module that have a command of their own, and what each does. */
const FUNCTIONS = {
  plan: "prints what would run and why, and what is skipped and why",
  lint: "runs the linters of the app",
  format: "checks the formatting of the app",
  types: "checks the types of the app",
  unit: "runs the unit tests",
  integration: "runs the integration tests, with the services that they need",
  image: "builds the images of the app",
  report: "gives the evidence of a run as a folder",
  deploy: "deploys the app to an environment",
} as const

/** A command that calls a function of the module; its first word may be the app's folder. */
function functionCommand([name, help]: readonly [string, string]): Command {
  return {
    name,
    help,
    usage: [`${name} [FOLDER] [ARGUMENTS]`],
    details: ["FOLDER is the app's, and the current one where it is left out. ARGUMENTS are Dagger's own."],
    async run(args) {
      const [first = "", ...rest] = args
      const named = first !== "" && !first.startsWith("-") && fs.existsSync(first)
      const given = args.includes("--source") || args.some((word) => word.startsWith("--source="))
      const source = given ? [] : ["--source", named ? first : "."]
      const call = ["call", "-m", repository(), name, ...source, ...(named ? rest : args)]
      return passThrough(await openSession(), call)
    },
  }
}

/** A command that is Dagger's own, on this module. */
const raw = (name: string, help: string): Command => ({
  name,
  help,
  usage: [`${name} [ARGUMENTS]`],
  async run(args) {
    return passThrough(await openSession(), [name, "-m", repository(), ...args])
  },
})

const check: Command = {
  name: "check",
  help: "runs `dagger check` in an app that names Slipway in its dagger.json",
  usage: ["check [ARGUMENTS]"],
  async run(args) {
    if (!fs.existsSync("dagger.json"))
      throw usage(
        "check: there is no dagger.json here, and so nothing that `dagger check` knows; `slipway ci` needs none",
        "check",
      )
    return passThrough(await openSession(), ["check", ...args])
  },
}

export const functions: readonly Command[] = [
  ...Object.entries(FUNCTIONS).map(functionCommand),
  raw("call", "calls any function of the module: `dagger call`"),
  raw("functions", "lists the functions of the module: `dagger functions`"),
  check,
]
