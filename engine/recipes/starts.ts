import * as fs from "node:fs"
import * as path from "node:path"
import { repository } from "../host/repository.js"

const folder = path.join(repository(), "engine/recipes")
const text = (file: string): string => fs.readFileSync(path.join(folder, file), "utf8")

/** The files of an image that starts by a script of `starts/`, as its entrypoint `docker-entrypoint.sh`. */
export const startedBy = (name: string): Readonly<Record<string, string>> => ({
  "/usr/local/bin/docker-entrypoint.sh": text(`starts/${name}.sh`),
  "/usr/local/lib/entrypoint/common.sh": text("starts/common.sh"),
})

/** A program of `starts/` by its name, before Debian's of that name. */
export const program = (name: string, script = name): Readonly<Record<string, string>> => ({
  [`/usr/local/bin/${name}`]: text(`starts/${script}`),
})

/** Alpine's tools that Dockerfiles call, over Debian's: for images whose tag says alpine. */
export const alpineTools = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ["apk", "addgroup", "adduser"].map((name) => [`/usr/local/bin/${name}`, text(`alpine/${name}`)]),
  )
