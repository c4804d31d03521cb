import { findImage } from "../ci/src/images.js"
import * as control from "./engine/control.js"
import { runDaemon } from "./engine/daemon.js"
import { readyParts } from "./engine/parts.js"
import { makeStandIn } from "./engine/stand-in.js"

export async function commands(name: string, args: readonly string[]): Promise<number> {
  const [sub = "", ...rest] = args
  if (name === "engine" && sub === "start") { await control.start(); return 0 }
  if (name === "engine" && sub === "stop") { console.log(await control.stop()); return 0 }
  if (name === "engine" && sub === "status") { console.log(control.status()); return 0 }
  if (name === "engine" && sub === "daemon") { const p = readyParts(); if (!p) return 1; await runDaemon(p); return 0 }
  if (name === "engine" && sub === "image") {
    const image = findImage(rest[0] ?? "", rest[1] ?? ""); const now = control.status()
    if (!image || now.state === "stopped" || !now.parts) return 1
    console.log(await makeStandIn(image, now.parts)); return 0
  }
  return 2
}
