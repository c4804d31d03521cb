import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { debianMirror, fetchDebianTools, hostSources, makeRoot } from "../../../engine/debian.js"
import { makeWhole, withLock } from "../../../engine/host/home.js"
import { repository } from "../../../engine/host/repository.js"
import { temporary } from "../../engine/support.js"
import { plainEnvironment } from "../../install/machine.js"

/** A machine that systemd runs. */
export interface SystemdMachine {
  /** Runs a command on it as root. Never throws. */
  readonly run: (command: string, ...args: readonly string[]) => Promise<Ended>
  readonly stop: () => Promise<void>
}

export interface Ended {
  readonly code: number
  /** Both outputs. */
  readonly text: string
}

const HERE = fileURLToPath(new URL(".", import.meta.url))
const PACKAGES = ["ca-certificates", "iproute2", "systemd"]
const CERTIFICATES = "/usr/local/share/ca-certificates"

/** Starts a machine with this repository, this Node.js and a state folder. */
export async function startSystemd(state: string): Promise<SystemdMachine> {
  const root = await systemdRoot()
  const log = path.join(temporary("systemd"), "log")
  const shared = [state, repository(), process.execPath, CERTIFICATES].filter((one) => fs.existsSync(one))
  const output = fs.openSync(log, "w")
  const outer = spawn(path.join(HERE, "init.sh"), {
    stdio: ["ignore", output, output],
    env: { ...process.env, ROOT: root, GROUP: path.basename(state), SHARED: shared.join(" ") },
  })
  const ended = once(outer, "exit")
  const first = () =>
    childrenOf(outer.pid ?? 0)
      .flatMap(childrenOf)
      .at(0)
  const env = {
    ...plainEnvironment(),
    SLIPWAY_HOME: state,
    // What the parts of an engine are named after: without it, this machine's are foreign there.
    SLIPWAY_DEBIAN_MIRROR: debianMirror(hostSources()),
    PATH: `${path.dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin`,
  }
  const run = (...command: readonly string[]) =>
    new Promise<Ended>((resolve) => {
      const args = ["--target", String(first()), "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup"]
      const child = execFile("nsenter", [...args, ...command], { env }, (_, stdout, stderr) =>
        resolve({ code: child.exitCode ?? 255, text: stdout + stderr }),
      )
    })
  const stop = async () => {
    process.kill(first() ?? outer.pid ?? 0, "SIGKILL")
    await ended
  }
  for (const deadline = Date.now() + 60_000; ; await sleep(200)) {
    const { text } = first() ? await run("systemctl", "is-system-running") : { text: "" }
    if (text.trim() === "running") return { run, stop }
    if (outer.exitCode === null && Date.now() < deadline) continue
    await stop()
    throw new Error(`systemd does not run: ${text}\n${fs.readFileSync(log, "utf8")}`)
  }
}

/** A Debian root with systemd, made once. */
function systemdRoot(): Promise<string> {
  const name = "test-systemd"
  const make = async (folder: string) => {
    const [tools, log] = [path.join(folder, "tools"), path.join(folder, "log")]
    fs.mkdirSync(tools)
    await fetchDebianTools(tools, log)
    await makeRoot(folder, tools, PACKAGES, log)
    fs.rmSync(tools, { recursive: true })
    return ["root/lib/systemd/systemd"]
  }
  return withLock(
    name,
    () => {},
    async () => path.join(await makeWhole(name, make), "root"),
  )
}

function childrenOf(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`
  return fs.existsSync(file)
    ? fs.readFileSync(file, "utf8").trim().split(" ").filter(Boolean).map(Number)
    : []
}
