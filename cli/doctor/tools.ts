import { execFileSync } from "node:child_process"
import { atLeast, GO_FIX, goVersion, MINIMUM_GO } from "../../engine/binaries.js"
import { findCommand } from "../../engine/commands.js"
import { isRoot } from "../../engine/debian.js"
import { type Check, type Finding, fail, ok, warn } from "./check.js"

const MINIMUM_NODE = [20, 11] as const

const onPath = (name: string): string | null => findCommand(name, process.env.PATH ?? "")

/** Makes a check for commands on the PATH. */
const commands = (name: string, wanted: readonly string[], fix: string): Check => ({
  name,
  run() {
    const missing = wanted.filter((command) => onPath(command) === null)
    return missing.length === 0 ? ok(wanted.join(", ")) : fail(`missing: ${missing.join(", ")}`, fix)
  },
})

function go(): Finding {
  const file = onPath("go")
  if (!file) return fail("go not found", GO_FIX)
  const output = execFileSync(file, ["version"], { encoding: "utf8", cwd: "/" }).trim()
  const version = goVersion(output)
  return version && atLeast(version, MINIMUM_GO) ? ok(output) : fail(`${output} is too old`, GO_FIX)
}

function node(): Finding {
  const version = process.versions.node.split(".").map(Number)
  return atLeast(version, MINIMUM_NODE)
    ? ok(process.version)
    : fail(`${process.version} is too old`, `install Node.js ${MINIMUM_NODE.join(".")} or newer`)
}

/** Checks of the programs that the embedded engine needs. */
export const toolChecks: readonly Check[] = [
  {
    name: "root",
    run: () =>
      isRoot()
        ? ok("yes")
        : fail("this user is not root", "run as root, or install Docker and the dagger CLI"),
  },
  { name: "node", run: node },
  {
    name: "npm",
    run: () =>
      onPath("npm")
        ? ok("npm")
        : warn("npm not found", "install npm: Slipway builds images of Node.js with it"),
  },
  { name: "go", run: go },
  commands("perl", ["perl"], "install perl: mmdebstrap builds the engine's file system with it"),
  commands("util-linux", ["unshare", "setpriv", "flock", "mount"], "install the package util-linux"),
  commands(
    "apt",
    ["apt-get", "dpkg-deb"],
    "use a Debian or Ubuntu host, or install Docker and the dagger CLI",
  ),
]
