import * as fs from "node:fs"
import * as path from "node:path"
import { HostFault } from "./host/fault.js"
import { home } from "./host/home.js"

/** Paths of the embedded engine below the state folder, apart from the versioned folders. */
export interface Layout {
  readonly root: string
  /** The engine's own disk: caches, volumes. */
  readonly state: string
  /** Blobs of the registry for the images made here. */
  readonly registry: string
  /** Sockets and state of a running engine. Deleted when it ends. */
  readonly run: string
  readonly config: string
  readonly mountpoint: string
  readonly logs: string
  /** Log of the engine. */
  readonly engineLog: string
  /** Log of its daemon. */
  readonly daemonLog: string
  readonly networkLog: string
  /** The engine's socket, for clients. */
  readonly socket: string
  /** Receives the registry requests of the engine. */
  readonly mirrorSocket: string
  readonly registrySocket: string
  /** {@link Daemon} as JSON, while an engine runs. */
  readonly daemonFile: string
  /** One line: what the engine is making, for waiting commands. */
  readonly activityFile: string
  /** Digests of the images that are made, by name. */
  readonly pins: string
}

/** A Unix socket's path has 108 bytes with its final zero (unix(7)). */
const SOCKET_LIMIT = 107

/**
 * Returns where the engine keeps its files; makes the folders that are missing.
 *
 * @throws HostFault `state-damaged` for a path that is too long for a socket.
 */
export function layout(): Layout {
  const root = path.join(home(), "engine")
  const run = path.join(root, "run")
  const logs = path.join(root, "logs")
  const result: Layout = {
    root,
    state: path.join(root, "state"),
    registry: path.join(root, "registry"),
    run,
    config: path.join(root, "config"),
    mountpoint: path.join(root, "mountpoint"),
    logs,
    engineLog: path.join(logs, "engine.log"),
    daemonLog: path.join(logs, "daemon.log"),
    networkLog: path.join(logs, "network.log"),
    socket: path.join(run, "engine.sock"),
    mirrorSocket: path.join(run, "mirror.sock"),
    registrySocket: path.join(run, "registry.sock"),
    daemonFile: path.join(run, "daemon.json"),
    activityFile: path.join(run, "activity"),
    pins: path.join(root, "images"),
  }
  if (Buffer.byteLength(result.registrySocket) > SOCKET_LIMIT)
    throw new HostFault(
      "state-damaged",
      `the path of the state folder is too long for a socket: ${home()}`,
      "set SLIPWAY_HOME to a shorter path",
    )
  for (const folder of [
    result.state,
    result.registry,
    run,
    result.config,
    result.mountpoint,
    result.logs,
    result.pins,
  ])
    fs.mkdirSync(folder, { recursive: true })
  return result
}
