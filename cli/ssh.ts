import { spawnSync } from "node:child_process"
import { HostFault } from "../engine/host/fault.js"

/**
 * Signs a text with a key of SSH, or with the agent that has it.
 *
 * @param namespace what the signature is for: it counts for nothing else.
 * @returns the signature; null where `ssh-keygen` refuses, with the reason on standard error.
 * @throws HostFault `tool-missing`.
 */
export function sign(key: string, text: string, namespace: string): string | null {
  const made = spawnSync("ssh-keygen", ["-Y", "sign", "-q", "-n", namespace, "-f", key], {
    input: text,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "inherit"],
  })
  if (made.error)
    throw new HostFault("tool-missing", "`ssh-keygen` not found", "install OpenSSH 8.2 or newer")
  return made.status === 0 ? made.stdout : null
}
