import * as fs from "node:fs"
import * as path from "node:path"
import type { Config } from "../../ci/src/config/config.js"
import { didYouMean } from "../../ci/src/config/suggest.js"
import { PRODUCTION_APPROVALS } from "../../ci/src/deploy/environment/keys.js"
import { parseConfig } from "../../ci/src/settings.js"
import type { Vendor } from "../../ci/src/vendors/vendor.js"
import { VENDORS } from "../../ci/src/vendors/vendors.js"
import {
  CHECK,
  type Files,
  KEY,
  LOGIN,
  type Target,
  type Work,
} from "../../ci/src/vendors/wrappers/wrapper.js"
import { ownAddress, ownCommit, repository } from "../../engine/host/repository.js"
import { CommandFault } from "../fault.js"
import { configText } from "../folder.js"
import { placesOf } from "./places.js"
import { type Pin, scripts } from "./scripts.js"

/** What a wrapper is rendered from, beside slipway.yaml. Its mark holds all but the pin. */
export interface Options {
  readonly vendor: string
  readonly deploy: boolean
  readonly branch: string
  /** How many machines share the check; one where it is absent. */
  readonly shards?: number
}

/** The names of the vendors that have a wrapper. */
export const NAMES: readonly string[] = VENDORS.map(({ name }) => name)

/** The fix for a vendor's name that is missing or unknown. */
export const ONE_OF = `name one of: ${NAMES.join(", ")}`

/** Returns the command line that writes a wrapper; without `--branch` for a branch of null. */
export function commandOf(options: Omit<Options, "branch"> & { readonly branch: string | null }): string {
  const { vendor, deploy, branch, shards = 1 } = options
  const words = [
    ...(deploy ? ["--deploy"] : []),
    ...(shards > 1 ? ["--shards", String(shards)] : []),
    ...(branch === null ? [] : ["--branch", branch]),
  ]
  return ["slipway wrappers --vendor", vendor, ...words].join(" ")
}

const MARK = /Written by `slipway wrappers --vendor (\S+)( --deploy)?(?: --shards (\d+))? --branch (\S+)`/

/** Reads the options from the mark of a written file; null for a file that Slipway did not write. */
export function optionsOf(text: string): Options | null {
  const [, vendor, deploy, shards, branch] = MARK.exec(text.slice(0, 500)) ?? []
  if (!vendor || !branch) return null
  return { vendor, deploy: deploy !== undefined, ...(shards ? { shards: Number(shards) } : {}), branch }
}

/**
 * Renders the files of a vendor for an app.
 *
 * @throws CommandFault `no-environment` where a deployment is wanted and slipway.yaml does not say where to.
 */
export function render(app: string, options: Options, pin: Pin): Files {
  const config = parseConfig(configText(app))
  const mark = `Written by \`${commandOf(options)}\`: change slipway.yaml, and run that again.`
  const { branch, shards = 1 } = options
  const work = {
    mark,
    branch,
    shards,
    ...(options.deploy ? reached(config) : { targets: [], environments: [] }),
    notifies: config.notifications.length > 0,
    results: resultsOf(config),
  }
  const files = vendorOf(options.vendor).wrapper(work)
  return { ...(usesPrettier(app) ? withoutPrettier(files) : files), ...scripts(work, pin, config) }
}

/** True for an app with Prettier's configuration or package: it may check the format of all files. */
function usesPrettier(app: string): boolean {
  const manifest = path.join(app, "package.json")
  return (
    fs.readdirSync(app).some((name) => /^\.prettierrc|^prettier\.config\./.test(name)) ||
    (fs.existsSync(manifest) && fs.readFileSync(manifest, "utf8").includes('"prettier"'))
  )
}

/** Keys at the top of a YAML file whose values Prettier could write otherwise: with any setting, it leaves plain words alone. */
const TOP_KEYS = /^(?=[\w.-]+:(?:.*[[{"'].*)?$)/gm

/** Keeps Prettier from the YAML of a wrapper, which would be another file, and the app's check of formats red. */
const withoutPrettier = (files: Files): Files =>
  Object.fromEntries(
    Object.entries(files).map(([file, text]) => [
      file,
      file.endsWith(".yml") ? text.replace(TOP_KEYS, "# prettier-ignore\n") : text,
    ]),
  )

/** The secrets of the store of results: a folder has no login. */
function resultsOf({ results }: Config): Work["results"] {
  if (results === null) return []
  return results.s3 === null && results.registry === null ? [KEY] : [KEY, LOGIN]
}

/** Returns the vendor of a name. @throws CommandFault `unknown-vendor` */
export function vendorOf(name: string): Vendor {
  const vendor = VENDORS.find((one) => one.name === name)
  if (vendor) return vendor
  const what = `unknown CI vendor: ${name}${didYouMean(name, NAMES)}`
  throw new CommandFault("unknown-vendor", what, ONE_OF)
}

/** What the environments of slipway.yaml add to the work of a vendor. */
function reached(config: Config): Pick<Work, "targets" | "environments"> {
  const all = Object.entries(config.environments)
  const noRole = all.find(([, { role }]) => role === null)
  if (all.length === 0) throw noEnvironment("slipway.yaml has no environments")
  if (noRole)
    throw noEnvironment(`environments.${noRole[0]} has no role, which the vendor's identity assumes`)
  return { targets: targetsOf(config), environments: all.map(([name]) => name) }
}

/** The places of a release in their order; each takes it from the one before. */
const targetsOf = (config: Config): readonly Target[] =>
  placesOf(config).map(({ name, environments }, index, all) => ({
    name,
    after: all[index - 1]?.name ?? CHECK,
    gates: environments.flatMap((one) => gatesOf(one, config)),
  }))

/** The approvals that an environment asks for. */
function gatesOf(name: string, { environments }: Config): readonly string[] {
  const { production = false, approvals } = environments[name] ?? {}
  const length = approvals?.required ?? (production ? PRODUCTION_APPROVALS : 0)
  return Array.from({ length }, (_, index) => `${name}-approval-${index + 1}`)
}

const noEnvironment = (what: string): CommandFault =>
  new CommandFault(
    "no-environment",
    `cannot write a deployment: ${what}`,
    "add it to slipway.yaml, or omit --deploy: docs/deploy.md",
  )

/**
 * Returns where CI gets this Slipway from.
 *
 * @param address a git address instead of this clone's own.
 * @throws CommandFault `usage` where none is known.
 */
export function pinOf(app: string, address: string | undefined): Pin {
  if (fs.realpathSync(app) === fs.realpathSync(repository())) return "checkout"
  const commit = ownCommit()
  const origin = address ?? ownAddress()
  if (commit && origin && (address || /^(https|ssh):\/\/|^git@/.test(origin)))
    return { address: withoutPassword(origin), commit }
  throw new CommandFault(
    "usage",
    "cannot tell where CI gets Slipway from: this copy is no clone of an address",
    "pass --source with its git address",
  )
}

/** Removes the password that a clone's address may hold: the file is committed. */
const withoutPassword = (address: string): string =>
  address.replace(/^(https:\/\/)[^/@]*@/, "$1").replaceAll("'", "")

/** Reads where a written script gets Slipway from. */
export function writtenPin(text: string): Pin {
  const commit = /^commit=(\w+)$/m.exec(text)?.[1]
  const address = / fetch --quiet --depth 1 '([^']+)'/.exec(text)?.[1]
  return commit && address ? { address, commit } : "checkout"
}
