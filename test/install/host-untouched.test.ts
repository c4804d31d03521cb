import * as fs from "node:fs"
import * as path from "node:path"
import { expect, it } from "vitest"
import { $ } from "zx"
import { fingerprint } from "../../cli/home.js"
import { type Machine, machine, query } from "./machine.js"

/** What an engine could leave behind on its host, or change there. */
async function host(own: Machine) {
  const root = path.join(
    own.home,
    fs.readdirSync(own.home).find((name) => name.startsWith("engine-root-")) ?? "",
    "root",
  )
  return {
    mounts: fs.readFileSync("/proc/self/mounts", "utf8"),
    links: fs.readdirSync("/sys/class/net").sort(),
    routes: fs.readFileSync("/proc/net/route", "utf8"),
    legacyRules: await rules(root, "legacy"),
    nftRules: await rules(root, "nft"),
    files: WATCHED.map((file) => [file, fs.lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null]),
    cgroups: cgroups(own),
    processes: processes(own),
  }
}

/** Files that an engine on its own root would write or link. */
const WATCHED = [
  "/etc/resolv.conf",
  "/etc/dnsmasq-resolv.conf",
  "/etc/dagger",
  "/opt/cni",
  "/run/dagger",
  "/run/buildkit",
  "/usr/bin/iptables",
  "/usr/sbin/iptables",
  "/usr/local/bin/dagger-engine",
  "/var/lib/dagger",
]

/** The host's iptables rules, by the engine root's own iptables: this host may have none. Packet counts left out. */
async function rules(root: string, kind: "legacy" | "nft"): Promise<string> {
  const libraries = `${root}/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`
  const loader = fs.readdirSync(libraries).find((name) => name.startsWith("ld-linux-"))
  const command = `${root}/usr/sbin/xtables-${kind}-multi`
  const env = { ...process.env, XTABLES_LIBDIR: `${libraries}/xtables` }
  const { stdout } = await $({
    nothrow: true,
    quiet: true,
    env,
  })`${libraries}/${loader} --library-path ${libraries} ${command} iptables-save`
  return stdout.replaceAll(/^#.*$|\[\d+:\d+\]/gm, "")
}

const cgroups = (own: Machine): readonly string[] =>
  ["/sys/fs/cgroup", ...fs.readdirSync("/sys/fs/cgroup").map((name) => `/sys/fs/cgroup/${name}`)]
    .map((folder) => `${folder}/slipway-${fingerprint(own.home)}`)
    .filter((folder) => fs.existsSync(folder))

/** Processes whose environment or command line names the state folder: the engine's own all do. */
const processes = (own: Machine): readonly string[] =>
  fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter(
      (pid) =>
        text(`/proc/${pid}/environ`).includes(own.home) || text(`/proc/${pid}/cmdline`).includes(own.home),
    )

function text(file: string): string {
  try {
    return fs.readFileSync(file, "utf8")
  } catch {
    return ""
  }
}

it("leaves its host as it was: mounts, links, rules, files, cgroups, processes", async () => {
  await using own = await machine({ images: true })
  const before = await host(own)
  expect(before).toMatchObject({ cgroups: [], processes: [] })
  await own.slipway(["engine", "start"])
  const run = `withEnvVariable(name:"N",value:"${Date.now()}"){withExec(args:["sleep","0.1"]){exitCode}}`
  const call = await query(own, `{container{from(address:"debian:bookworm-slim"){${run}}}}`)
  expect(call.stdout, call.stderr).toContain('"exitCode": 0')
  const during = await host(own)
  expect({ ...during, cgroups: [], processes: [] }).toEqual(before)
  // Else the checks at the end would look in the wrong places.
  expect(during.processes.length).toBeGreaterThan(4)
  expect(during.cgroups.length).toBeGreaterThan(0)
  await own.slipway(["engine", "stop"])
  expect(await host(own)).toEqual(before)
})
