import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { didYouMean } from "../../ci/src/config/suggest.js"
import { readYaml } from "../../ci/src/config/yaml-position.js"
import { type Approval, NAMESPACE, statementText } from "../../ci/src/deploy/environment/statement.js"
import { recordOf } from "../../ci/src/formats/json.js"
import { parseImages, pinnedName } from "../../ci/src/image/reference.js"
import { Fault } from "../../ci/src/run/fault.js"
import { git } from "../../engine/host/git.js"
import { parse, usage } from "../args.js"
import { configText } from "../folder.js"
import { sign } from "../ssh.js"
import type { Command } from "./command.js"

const OPTIONS = {
  env: { type: "string" },
  images: { type: "string" },
  commit: { type: "string", default: "HEAD" },
  key: { type: "string" },
} as const

/** Keys as `ssh-keygen` names them, in the order that SSH tries them. */
const KEYS = ["id_ed25519", "id_ed25519_sk", "id_ecdsa", "id_ecdsa_sk", "id_rsa"]

/** Returns the key of an option, of git's own signatures, or of SSH. */
function keyOf(folder: string, option: string | undefined): string {
  const home = (file: string) => file.replace(/^~(?=\/)/, os.homedir())
  const own = git(folder, "config", "gpg.format") === "ssh" ? git(folder, "config", "user.signingkey") : null
  const usual = KEYS.map((name) => path.join(os.homedir(), ".ssh", name))
  const candidates = option === undefined ? [...(own === null ? [] : [own]), ...usual] : [option]
  const found = candidates.map(home).find((file) => fs.existsSync(file))
  if (found !== undefined) return found
  throw usage(
    option === undefined ? "approve: no SSH key found. Add `--key PATH`" : `approve: no key at ${option}`,
    "approve",
  )
}

/** @throws CommandFault `usage` for an environment that slipway.yaml does not have. */
function assertEnvironment(folder: string, name: string): void {
  const names = Object.keys(recordOf(recordOf(readYaml(configText(folder)).value).environments))
  if (!names.includes(name))
    throw usage(
      `approve: slipway.yaml has no environment ${JSON.stringify(name)}${didYouMean(name, names)}`,
      "approve",
    )
}

function imagesOf(text: string): readonly string[] {
  try {
    return parseImages(text).map(pinnedName)
  } catch (error) {
    if (error instanceof Fault) throw usage(`approve: ${error.what}`, "approve")
    throw error
  }
}

/** @throws CommandFault */
function signed(key: string, text: string): string {
  const signature = sign(key, text, NAMESPACE)
  if (signature !== null) return signature
  throw usage(`approve: \`ssh-keygen\` did not sign with ${key}`, "approve")
}

function summary({ environment, commit, images, at }: Approval, subject: string | null): string {
  const title = subject === null ? "" : `  ${subject}`
  return [
    `approves     ${environment}`,
    `commit       ${commit}${title}`,
    ...images.map((image) => `image        ${image}`),
    `time         ${at}`,
    "",
  ].join("\n")
}

/**
 * Signs what a command line approves.
 *
 * @returns the signed approval as a line of JSON, and what to show of it.
 * @throws CommandFault for a wrong command line, or where nothing can be signed.
 */
export function approved(args: readonly string[]): { readonly line: string; readonly shown: string } {
  const { values, positionals } = parse("approve", args, OPTIONS)
  const folder = positionals[0] ?? "."
  const { env, images } = values
  if (env === undefined || images === undefined)
    throw usage(`approve: ${env === undefined ? "--env" : "--images"} is missing`, "approve")
  assertEnvironment(folder, env)
  const commit = git(folder, "rev-parse", "--verify", "--quiet", `${values.commit}^{commit}`)
  if (commit === null) throw usage(`approve: no commit ${values.commit} in ${folder}`, "approve")
  const at = new Date().toISOString()
  const approval = { environment: env, commit, images: imagesOf(images), at }
  const signature = signed(keyOf(folder, values.key), statementText(approval))
  return {
    line: `${JSON.stringify({ approval, signature })}\n`,
    shown: summary(approval, git(folder, "log", "-1", "--format=%s", commit)),
  }
}

export const approve: Command = {
  name: "approve",
  group: "This machine",
  help: "signs with your SSH key that a commit and its images may be deployed",
  usage: ['approve --env production --images "$(cat images)" [FOLDER] >ada.json'],
  details: [
    "Prints one line of JSON: hand it to whoever deploys. `deploy --approvals` takes several, one after another.",
    "What was approved is printed to standard error.",
    "--images IMAGES  as `image push` printed them, by digest",
    "--commit COMMIT  the commit that is deployed; HEAD by default",
    "--key PATH       an SSH key, private, or public with an agent. Default: `user.signingkey` of git, or one in ~/.ssh",
    "slipway.yaml must have your public key under `approvals.identities` of the environment.",
  ],
  async run(args) {
    const { line, shown } = approved(args)
    process.stderr.write(shown)
    process.stdout.write(line)
    return 0
  },
}
