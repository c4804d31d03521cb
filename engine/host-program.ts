import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { parseJson, recordOf } from "../ci/src/formats/json.js"
import { HostFault } from "./host/fault.js"
import type { HostProgram } from "./recipes/index.js"

/**
 * The path of a program of this host, in exactly the version that is wanted.
 *
 * @throws {HostFault} `tool-missing` with the way out.
 */
export function hostProgram({ program, version }: HostProgram, PATH = process.env.PATH ?? ""): string {
  const found = PATH.split(path.delimiter)
    .map((folder) => path.join(folder, program))
    .find((file) => fs.existsSync(file))
  const actual = found === undefined ? null : versionOf(found)
  if (found !== undefined && actual === version) return fs.realpathSync(found)
  const state =
    found === undefined ? "is not on the PATH" : `is on the PATH in version ${actual ?? "unknown"}`
  throw new HostFault(
    "tool-missing",
    `${program} ${version} cannot be built from package mirrors, and this machine's ${program} ${state}`,
    `put ${program} ${version} on the PATH, or set \`terraform.program: tofu\` in slipway.yaml`,
  )
}

function versionOf(file: string): string | null {
  try {
    const output = execFileSync(file, ["version", "-json"], {
      encoding: "utf8",
      timeout: 30_000,
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, CHECKPOINT_DISABLE: "1" },
    })
    const version = recordOf(parseJson(output)).terraform_version
    return typeof version === "string" ? version : null
  } catch {
    return null
  }
}
