import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { engineConfig, REGISTRY } from "../../../engine/config.js"
import { start } from "../../../engine/control.js"
import { fetchDebianTools, makeRoot } from "../../../engine/debian.js"
import { makeWhole, withLock } from "../../../engine/host/home.js"
import { tail } from "../../../engine/host/logs.js"
import { layout } from "../../../engine/layout.js"
import { answers } from "../../../engine/running.js"
import { temporary } from "../../engine/support.js"
import { plainEnvironment } from "../../install/machine.js"

/** A Docker daemon of the tests' own. */
export interface DockerDaemon {
  /** Its folder. All that it starts names it. */
  readonly work: string
  /** An environment in which `docker` and `dagger` are this daemon's, and no engine is named. */
  readonly env: NodeJS.ProcessEnv
  /** Its control groups that are there now. */
  readonly groups: () => readonly string[]
  /** Ends it with all that it started. */
  readonly stop: () => Promise<void>
}

const HERE = fileURLToPath(new URL(".", import.meta.url))
const PACKAGES = ["ca-certificates", "docker.io", "iproute2", "iptables", "slirp4netns", "socat"]

/** Where containers of this daemon reach the images that the embedded engine makes: the address of Docker's bridge. */
const MIRROR = "172.17.0.1:5000"

/** Starts Debian's Docker in namespaces of its own, with the embedded engine's images as mirror. */
export async function startDocker(): Promise<DockerDaemon> {
  const { bin } = await start()
  const root = await dockerRoot()
  const work = temporary("docker")
  const socket = path.join(work, "docker.sock")
  const group = path.basename(work)
  const groups = () =>
    hierarchies()
      .map((folder) => path.join(folder, group))
      .filter((folder) => fs.existsSync(folder))
  makeGroups(group)
  const log = fs.openSync(path.join(work, "dockerd.log"), "w")
  const daemon = spawn("setpriv", ["--pdeathsig=KILL", path.join(HERE, "init.sh")], {
    stdio: ["ignore", log, log],
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      ROOT: root,
      WORK: work,
      HIERARCHIES: hierarchies().join(" "),
      GROUP: group,
      MIRROR: layout().run,
    },
  })
  const network = await startNetwork(root, daemon, log)
  const stop = async () => {
    await end(daemon)
    network.kill()
    for (const folder of groups()) await removeGroup(folder)
    // Gigabytes of small files: removed at once, they would keep the tests' process from answering.
    await fs.promises.rm(path.join(work, "data"), { recursive: true, force: true })
  }
  for (const deadline = Date.now() + 60_000; !(await answers(socket)); await sleep(100))
    if (daemon.exitCode !== null || Date.now() > deadline) {
      await stop()
      throw new Error(`dockerd does not answer:\n${tail(path.join(work, "dockerd.log"), 20).join("\n")}`)
    }
  return { work, env: environment(work, root, bin), groups, stop }
}

/** A Debian root with Docker, made once. */
function dockerRoot(): Promise<string> {
  const name = "test-docker"
  return withLock(
    name,
    () => {},
    async () => {
      const folder = await makeWhole(name, async (made) => {
        const [tools, log] = [path.join(made, "tools"), path.join(made, "log")]
        fs.mkdirSync(tools)
        await fetchDebianTools(tools, log)
        await makeRoot(made, tools, PACKAGES, log)
        fs.rmSync(tools, { recursive: true })
        return ["root/usr/bin/docker", "root/usr/sbin/dockerd"]
      })
      return path.join(folder, "root")
    },
  )
}

function environment(work: string, root: string, bin: string): NodeJS.ProcessEnv {
  const own = path.join(work, "bin")
  const config = path.join(work, "config/dagger")
  for (const folder of [own, config]) fs.mkdirSync(folder, { recursive: true })
  fs.symlinkSync(
    mayRaiseLimits() ? path.join(root, "usr/bin/docker") : path.join(HERE, "docker"),
    path.join(own, "docker"),
  )
  fs.symlinkSync(path.join(bin, "dagger"), path.join(own, "dagger"))
  const mirrors = JSON.stringify(engineConfig(undefined)).replaceAll(REGISTRY, MIRROR)
  fs.writeFileSync(path.join(config, "engine.json"), mirrors)
  return {
    ...plainEnvironment(),
    PATH: `${own}:${process.env.PATH}`,
    DOCKER_HOST: `unix://${work}/docker.sock`,
    DOCKER_ROOT: root,
    XDG_CONFIG_HOME: path.join(work, "config"),
  }
}

/** True with CAP_SYS_RESOURCE (capabilities(7)), without which no container is privileged. */
function mayRaiseLimits(): boolean {
  const [, bounds = "0"] = /^CapBnd:\s*(\w+)$/m.exec(fs.readFileSync("/proc/self/status", "utf8")) ?? []
  return ((BigInt(`0x${bounds}`) >> 24n) & 1n) === 1n
}

const GROUPS = "/sys/fs/cgroup"

/** The mounts of control groups: one with version 2, one for each controller with version 1. */
const hierarchies = (): readonly string[] =>
  [GROUPS, ...fs.readdirSync(GROUPS).map((name) => path.join(GROUPS, name))].filter(
    (folder) => fs.existsSync(path.join(folder, "cgroup.procs")) && isMount(folder),
  )

const isMount = (folder: string): boolean =>
  fs.readFileSync("/proc/self/mounts", "utf8").includes(` ${folder} cgroup`)

function makeGroups(name: string): void {
  for (const folder of hierarchies()) {
    const own = path.join(folder, name)
    fs.mkdirSync(own)
    for (const file of ["cpuset.cpus", "cpuset.mems"].filter((one) => fs.existsSync(path.join(folder, one))))
      fs.writeFileSync(path.join(own, file), fs.readFileSync(path.join(folder, file)))
  }
}

/** Removes a control group with those in it, once their last processes have ended. */
async function removeGroup(folder: string): Promise<void> {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await removeGroup(path.join(folder, entry.name))
  for (let left = 50; left > 0; left--)
    try {
      return fs.rmdirSync(folder)
    } catch {
      await sleep(100)
    }
}

/** Gives the daemon's network a way out. */
async function startNetwork(root: string, daemon: ChildProcess, log: number): Promise<ChildProcess> {
  const network = (pid: number | "self") => fs.readlinkSync(`/proc/${pid}/ns/net`)
  const pid = daemon.pid ?? 0
  while (network(pid) === network("self")) await sleep(5)
  const libraries = path.join(
    root,
    "usr/lib",
    process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu",
  )
  const loader = fs.readdirSync(libraries).find((name) => name.startsWith("ld-linux-")) ?? ""
  const program = ["--library-path", libraries, path.join(root, "usr/bin/slirp4netns")]
  const options = ["--configure", "--mtu=65520", "--disable-host-loopback", String(pid), "tap0"]
  return spawn("setpriv", ["--pdeathsig=KILL", path.join(libraries, loader), ...program, ...options], {
    stdio: ["ignore", log, log],
  })
}

/** Ends a process whose only child does not get its signals: the child, and it after 30 s. */
async function end(parent: ChildProcess): Promise<void> {
  if (parent.exitCode !== null || parent.signalCode !== null) return
  const ended = once(parent, "exit")
  const children = fs.readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, "utf8").trim()
  for (const pid of children.split(" ").filter(Boolean)) process.kill(Number(pid), "SIGTERM")
  const timer = setTimeout(() => parent.kill("SIGKILL"), 30_000)
  await ended
  clearTimeout(timer)
}
