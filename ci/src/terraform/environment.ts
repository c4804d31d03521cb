import type { Config } from "../config/config.js"
import { didYouMean } from "../config/suggest.js"
import { folderOf } from "../project/manifest.js"
import { Fault } from "../run/fault.js"
import type { Block } from "./hcl.js"
import type { Source } from "./roots.js"

type Environments = Config["terraform"]["environments"]
/** Settings of an environment. */
export type Environment = Environments[string]

const NONE: Environment = {
  root: null,
  account: null,
  role: null,
  workspace: "default",
  backend: {},
  variables: {},
  varFiles: [],
}

const refuse = (what: string, fix: string): Fault =>
  new Fault("configuration", { what, where: "slipway.yaml", fix })

/** Returns the settings of an environment. @throws {Fault} if slipway.yaml names others only. */
export function environmentOf(environments: Environments, name: string): Environment {
  const names = Object.keys(environments)
  const found = Object.hasOwn(environments, name) ? environments[name] : undefined
  if (found) return found
  if (name === "" && names.length === 0) return NONE
  const known = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`
  throw refuse(
    name === ""
      ? "--env is missing"
      : `terraform.environments has no "${name}"${didYouMean(name, names, '"')}`,
    `name one of terraform.environments: ${known}`,
  )
}

/** Returns the root module to work on. @throws {Fault} if none or several are found and none is named. */
export function rootOf({ root }: Environment, roots: readonly string[]): string {
  if (root !== null && !roots.includes(root))
    throw refuse(
      `${root || "the project's folder"} is not a root module`,
      `name one of ${roots.join(", ") || "none"}`,
    )
  const [only, ...others] = root === null ? roots : [root]
  if (only === undefined) throw refuse("no root module found", "add Terraform files with a backend")
  if (others.length > 0)
    throw refuse(
      `several root modules found: ${roots.join(", ")}`,
      "name one for each environment: `terraform.environments.<name>.root`",
    )
  return only
}

/** Returns the kind of a remote backend, such as `s3`; null without one. */
export function backendOf(root: string, sources: readonly Source[]): string | null {
  const kinds = sources
    .filter(({ file }) => folderOf(file) === root)
    .flatMap(({ body }) => body.blocks.filter(({ type }) => type === "terraform"))
    .flatMap(({ blocks }) => blocks)
    .flatMap(backendKinds)
  return kinds.find((kind) => kind !== "local") ?? null
}

/** Returns the backend kinds that a block names. */
function backendKinds({ type, labels }: Block): readonly string[] {
  if (type === "cloud") return [type]
  return type === "backend" ? labels : []
}

/** Settings of a backend in Terraform's language, for -backend-config. */
export const backendConfig = (settings: Environment["backend"]): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} = ${expression(value)}\n`)
    .join("")

function expression(value: Environment["backend"][string]): string {
  if (typeof value === "object")
    return `{ ${Object.entries(value)
      .map(([name, inner]) => `${name} = ${expression(inner)}`)
      .join(", ")} }`
  // Doubling `$` or `%` escapes a template.
  return typeof value === "string" ? JSON.stringify(value).replace(/([$%])\{/g, "$1$1{") : String(value)
}

/** Returns the file of variables: those of slipway.yaml, overridden by the caller's. */
export function variableFile(own: Environment["variables"], assignments: readonly string[]): string {
  const given = assignments.map((assignment) => {
    const [, name, value] = /^([A-Za-z_][\w-]*)=(.*)$/s.exec(assignment) ?? []
    if (name !== undefined && value !== undefined) return [name, value] as const
    throw new Fault("configuration", {
      what: `--variables: ${JSON.stringify(assignment)} is not name=value`,
      where: null,
      fix: "write `--variables image_tag=4f2a91c`",
    })
  })
  return `${JSON.stringify({ ...own, ...Object.fromEntries(given) }, null, 2)}\n`
}
