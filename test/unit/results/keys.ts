import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { fileText, NAMESPACE, signedText } from "../../../ci/src/results/verify.js"
import { sign } from "../../../cli/ssh.js"

/** Makes a key pair of SSH. Returns the private key's file, and the public key. */
export function keyPair(folder: string, name: string): { readonly file: string; readonly shared: string } {
  const file = path.join(folder, name)
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file])
  return { file, shared: fs.readFileSync(`${file}.pub`, "utf8").trim() }
}

/** Returns the text of a record's file, signed with a key. */
export const signedBy = (key: string, content: object, namespace = NAMESPACE): string =>
  fileText(content, sign(key, signedText(content), namespace) ?? "")
