import * as fs from "node:fs"
import * as path from "node:path"
import { cgroupName } from "./cgroups.js"
import type { Layout } from "./layout.js"
import { REGISTRIES } from "./recipes/index.js"

/** Address of the local registry, inside the engine's network namespace. */
export const REGISTRY = "127.0.0.1:5000"

/** Gigabytes that the engine's garbage collector keeps free on the disk. */
export const MINIMUM_FREE_GB = 2

/**
 * Limits of the engine's garbage collector. By default it keeps 20 % of the disk free: on a fuller disk it would delete
 * all caches after each run.
 */
const GC = {
  enabled: true,
  reservedSpace: "10GB",
  maxUsedSpace: "40GB",
  minFreeSpace: `${MINIMUM_FREE_GB}GB`,
}

/**
 * The engine's configuration.
 *
 * @param mirror a site's mirror of Docker Hub (host or host:port). The engine asks it before the local registry.
 */
export function engineConfig(mirror: string | undefined): object {
  return {
    logLevel: "info",
    registries: {
      ...Object.fromEntries(REGISTRIES.map((name) => [name, { mirrors: [REGISTRY] }])),
      ...(mirror ? { "docker.io": { mirrors: [mirror, REGISTRY] } } : {}),
      [REGISTRY]: { http: true },
    },
    gc: GC,
  }
}

/**
 * The configuration in the engine's image. There is no local registry beside it.
 *
 * @param mirror as of {@link engineConfig}.
 */
export const imageConfig = (mirror: string | undefined): object => ({
  logLevel: "info",
  ...(mirror ? { registries: { "docker.io": { mirrors: [mirror] } } } : {}),
  gc: GC,
})

/**
 * How the engine's process trades memory for time. It makes much garbage at each call: by Go's own measure it
 * spends a quarter of its time on looking for it. Near a third of the machine's memory it looks as often as it must.
 *
 * @param total bytes of memory that the machine has.
 * @param allowed bytes that its control group may use; 0 where that is not known.
 * @see https://go.dev/doc/gc-guide
 */
export function memory(total: number, allowed: number): Readonly<Record<"GOGC" | "GOMEMLIMIT", string>> {
  const most = allowed > 0 ? Math.min(total, allowed) : total
  return { GOGC: "400", GOMEMLIMIT: `${Math.floor(most / 3 / 2 ** 20)}MiB` }
}

const REGISTRY_CONFIG = `version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: /var/lib/registry }, delete: { enabled: true } }
http: { net: unix, addr: /run/slipway/registry.sock, relativeurls: true }
`

/**
 * Network namespaces that the engine keeps made in advance. Its default of 128 keeps a core busy for half a
 * minute after each start, and a stop waits until each is taken down again.
 */
const NETWORKS = 8

/** What the engine reads beside engine.json: settings of the BuildKit that it grew from. */
export const WORKER_CONFIG = `[worker.oci]
cniPoolSize = ${NETWORKS}
`

/** Writes what the engine and its registry read at their start. */
export function writeConfig(layout: Layout): void {
  const config = engineConfig(process.env.SLIPWAY_MIRROR)
  fs.writeFileSync(path.join(layout.config, "engine.json"), JSON.stringify(config, null, 2))
  fs.writeFileSync(
    path.join(layout.config, "engine.toml"),
    `${WORKER_CONFIG}defaultCgroupParent = "/${cgroupName()}"\n`,
  )
  fs.writeFileSync(path.join(layout.config, "registry.yml"), REGISTRY_CONFIG)
}

const PROXY_NAMES = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"]

/** The address of the host's loopback, as the engine's network sees it (slirp4netns(1)). */
const HOST_LOOPBACK = "10.0.2.2"

/**
 * The proxies of an environment, for the engine and so for every container. A proxy on the host's own
 * loopback is named by the address that leads there; the engine's own registry is never asked for through one.
 */
export function proxyEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const set = PROXY_NAMES.flatMap((name) => {
    const value = env[name]
    return value ? [[name, value] as const] : []
  })
  if (set.length === 0) return {}
  const exempt = `${env.no_proxy ?? env.NO_PROXY ?? ""},127.0.0.1,localhost`.replace(/^,/, "")
  const moved = set.map(([name, value]) => [
    name,
    value.replace(/(^|\/\/|@)(localhost|127\.0\.0\.1)(?=[:/]|$)/, `$1${HOST_LOOPBACK}`),
  ])
  return { ...Object.fromEntries(moved), no_proxy: exempt, NO_PROXY: exempt }
}

/** True where a proxy is on the host's loopback: the engine must then reach that. */
export function usesLoopbackProxy(env: NodeJS.ProcessEnv): boolean {
  return Object.values(proxyEnvironment(env)).some((value) => value.includes(HOST_LOOPBACK))
}
