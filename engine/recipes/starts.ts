import * as fs from "node:fs"
import * as path from "node:path"
import { repository } from "../../cli/repository.js"

const folder = path.join(repository(), "engine/recipes/starts")
const text = (name: string): string => fs.readFileSync(path.join(folder, `${name}.sh`), "utf8")

/** The files of an image that starts by a script of `starts/`, as its entrypoint `docker-entrypoint.sh`. */
export const startedBy = (name: string): Readonly<Record<string, string>> => ({
  "/usr/local/bin/docker-entrypoint.sh": text(name),
  "/usr/local/lib/entrypoint/common.sh": text("common"),
})
