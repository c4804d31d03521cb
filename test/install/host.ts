import * as fs from "node:fs"
import { $ } from "zx"

/** What a program with namespaces of its own could leave behind on its host, or change there. */
export interface HostState {
  readonly mounts: string
  readonly links: readonly string[]
  readonly routes: string
  readonly legacyRules: string
  readonly nftRules: string
  readonly files: readonly (readonly [file: string, changed: number | null])[]
  /** Processes that name the program's folder. */
  readonly processes: readonly string[]
}

/**
 * Looks at this host.
 *
 * @param root a Debian root with iptables: the host may have none.
 * @param folder the folder that all processes of the program name in their environment or command line.
 */
export const hostState = async (root: string, folder: string): Promise<HostState> => ({
  mounts: fs.readFileSync("/proc/self/mounts", "utf8"),
  links: fs.readdirSync("/sys/class/net").sort(),
  routes: fs.readFileSync("/proc/net/route", "utf8"),
  legacyRules: await rules(root, "legacy"),
  nftRules: await rules(root, "nft"),
  files: WATCHED.map((file) => [file, fs.lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null]),
  processes: processes(folder),
})

/** Files that an engine or a Docker daemon on its own root would write or link. */
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
  "/var/lib/docker",
  "/run/docker",
  "/run/docker.pid",
]

/** The host's iptables rules, by the root's own iptables. Packet counts left out. */
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

const processes = (folder: string): readonly string[] =>
  fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => ["environ", "cmdline"].some((file) => text(`/proc/${pid}/${file}`).includes(folder)))

function text(file: string): string {
  try {
    return fs.readFileSync(file, "utf8")
  } catch {
    return ""
  }
}
