import * as fs from "node:fs"
import * as path from "node:path"
import { CHOSEN, GENERATED } from "../../ci/src/project/ignore.js"
import { fingerprint, home } from "../../engine/host/home.js"
import { folderFiles, gitFiles } from "./files.js"
import { historyFolder } from "./history.js"
import { sparseFiles } from "./sparse.js"
import { type Staged, stage } from "./staging.js"

/** What an app is handed to the engine as. */
export interface Sources {
  /** A folder with the app's files, as `--source`. */
  readonly source: string
  /** A folder with the repository's `.git`, as `--history`. */
  readonly history: string
  /** Number of files left out because their name is not UTF-8. */
  readonly unnamed: number
}

/** The folder of the state folder that holds what an engine gets, a folder for each app. */
const STAGED = "sources"

/**
 * Chooses what of an app is looked at, and lays it out as the module expects it.
 *
 * @param whole true for a folder that holds nothing but what was committed.
 */
export function sourcesOf(folder: string, whole: boolean): Sources {
  const app = fs.realpathSync(path.resolve(folder))
  const place = placeOf(app)
  const there = whole ? folderFiles(app, []) : (gitFiles(app) ?? folderFiles(app, GENERATED))
  const sparse = sparseFiles(app, path.join(place, "sparse"))
  const files = [...there.files, ...sparse.keys()]
  const fileOf = (file: string) => sparse.get(file) ?? path.join(app, file)
  const links = files.flatMap((file) => {
    const target = targetOf(fileOf(file))
    return target === null ? [] : [[file, target]]
  })
  const chosen = files.map((file): [string, Staged] => [`${CHOSEN}/files/${file}`, { from: fileOf(file) }])
  const facts = { text: JSON.stringify({ links }) }
  const source = path.join(place, "source")
  stage(source, new Map([...chosen, [`${CHOSEN}/facts.json`, facts]]))
  fs.mkdirSync(path.join(source, CHOSEN, "files"), { recursive: true })
  return { source, history: historyFolder(app, path.join(place, "history")), unnamed: there.unnamed }
}

/** Returns an app's place in the state folder, and removes those of apps that are gone. */
function placeOf(app: string): string {
  const all = path.join(home(), STAGED)
  const place = path.join(all, fingerprint(app))
  fs.mkdirSync(place, { recursive: true })
  fs.writeFileSync(path.join(place, "app"), app)
  for (const name of fs.readdirSync(all)) {
    const other = path.join(all, name)
    if (other !== place && isGone(other)) fs.rmSync(other, { recursive: true, force: true })
  }
  return place
}

function isGone(place: string): boolean {
  try {
    return !fs.existsSync(fs.readFileSync(path.join(place, "app"), "utf8"))
  } catch {
    return false
  }
}

/** What a symbolic link says; null for any other file. */
function targetOf(file: string): string | null {
  try {
    return fs.readlinkSync(file)
  } catch {
    return null
  }
}
