import * as fs from "node:fs"
import { split, usage } from "../args.js"
import { passThrough } from "../passthrough.js"
import { repository } from "../repository.js"
import { requestOptions } from "../request.js"
import { openSession } from "../session.js"
import type { Command } from "./command.js"

/** Functions of the module that have a command of their own: what each does, and its words in a call. */
const FUNCTIONS: Readonly<Record<string, readonly [help: string, name: string, ...inner: string[]]>> = {
  plan: ["prints what would run and why, and what is skipped and why", "plan"],
  lint: ["runs the linters of the app", "lint"],
  format: ["checks the formatting of the app", "format"],
  types: ["checks the types of the app", "types"],
  unit: ["runs the unit tests of the app", "test", "unit"],
  integration: ["runs its integration tests, with the services that they need", "test", "integration"],
  build: ["builds the images of the app", "build"],
  report: ["gives the evidence of a run as a folder", "report"],
}

type Entry = (typeof FUNCTIONS)[string]

/** A command that calls a function of the module; its first word may be the app's folder. */
function functionCommand([name, [help, called, ...inner]]: readonly [string, Entry]): Command {
  return {
    name,
    help,
    usage: [`${name} [FOLDER] [OPTIONS] [-- ARGUMENTS]`],
    details: [
      "FOLDER is the app's, and the current one where it is left out. OPTIONS are the module's own, such as",
      "--rerun: `slipway call --help` lists them. ARGUMENTS go to the function, or to what it gives.",
    ],
    async run(args) {
      const [[first = "", ...others], rest] = split(args)
      const named = first !== "" && !first.startsWith("-")
      const folder = named ? first : "."
      const options = named ? others : [first, ...others].filter(Boolean)
      const given = options.some((word) => /^--source(=|$)/.test(word))
      const source = given ? [] : requestOptions(folder)
      const call = ["call", "-m", repository(), ...source, ...options, called, ...inner, ...rest]
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
