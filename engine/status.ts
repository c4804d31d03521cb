import * as fs from "node:fs"
import * as path from "node:path"
import { DAGGER_VERSION } from "./binaries.js"
import { status } from "./control.js"
import { home } from "./host/home.js"
import { shell } from "./host/shell.js"
import { layout } from "./layout.js"
import { pins } from "./stand-in.js"

/** Describes the embedded engine: whether it runs, what is on disk, its images. */
export async function statusLines(): Promise<readonly string[]> {
  const now = status()
  const { engineLog, socket } = layout()
  const running =
    now.state === "running"
      ? [`running: process ${now.pid}, Dagger ${DAGGER_VERSION}, unix://${socket}`]
      : ["stopped"]
  return [
    `embedded engine: ${running}`,
    `log: ${engineLog}`,
    `disk: ${home()}`,
    ...(await sizes()).map(([name, size]) => `  ${size.padStart(8)}  ${name}`),
    ...Object.entries(pins()).map(([name, digest]) => `image: ${name} ${digest}`),
  ]
}

/** Sizes of the folders of the state folder, such as `1.2G`. */
async function sizes(): Promise<readonly (readonly [name: string, size: string])[]> {
  const $ = await shell()
  const folders = [
    "engine/state",
    "engine/registry",
    ...fs.readdirSync(home()).filter((name) => name !== "engine"),
  ]
  const known = folders.filter((name) => fs.statSync(path.join(home(), name)).isDirectory())
  const { stdout } = await $({ cwd: home() })`du -sh ${known}`
  return stdout
    .trim()
    .split("\n")
    .map((line) => {
      const [size = "", name = ""] = line.split("\t")
      return [name, size]
    })
}
