import { spawn } from "node:child_process"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { onTestFinished } from "vitest"
import { readyParts } from "../../engine/parts.js"
import { HERE } from "./network.js"
import { HTPASSWD, USERNAME } from "./registry.js"
import { temporary, write } from "./support.js"

/** A registry on this machine, which asks for a login. */
export interface HostRegistry {
  /** How this machine and containers reach it. */
  readonly host: string
  readonly stop: () => void
}

/** Starts the registry's program that the embedded engine has, for a test. @param user who may log in. */
export async function startRegistry(port: number, user = USERNAME): Promise<HostRegistry> {
  const parts = readyParts()
  if (parts === null) throw new Error("the embedded engine is not built: it has the program of a registry")
  const folder = temporary("registry")
  const host = `${HERE}:${port}`
  write(folder, {
    htpasswd: HTPASSWD.replace(USERNAME, user),
    "config.yml": {
      version: 0.1,
      log: { level: "error", accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: path.join(folder, "data") } },
      http: { addr: host },
      auth: { htpasswd: { realm: "tests", path: path.join(folder, "htpasswd") } },
    },
  })
  const program = path.join(parts.engineRoot, "usr/bin/docker-registry")
  const child = spawn(program, ["serve", path.join(folder, "config.yml")], { stdio: "ignore" })
  const stop = () => void child.kill()
  onTestFinished(stop)
  while (!(await answers(`http://${host}/v2/`))) await sleep(50)
  return { host, stop }
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ status }) => status === 401,
    () => false,
  )
