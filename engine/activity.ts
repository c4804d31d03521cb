import * as fs from "node:fs"
import { duration } from "../ci/src/formats/figures.js"
import type { Task } from "./host/progress.js"
import { layout } from "./layout.js"
import type { Recipe } from "./recipes/index.js"

/** Writes one line for waiting commands: what the engine is making. Empty for nothing. */
const write = (text: string): void => fs.writeFileSync(layout().activityFile, text)

/** Announces the making of an image until `body` has ended. */
export async function whileMaking(image: Recipe, body: () => Promise<void>): Promise<void> {
  const from = image.standIn.go ? "source" : "packages"
  write(
    `making ${image.name}:${image.tag} from ${from} (once, about ${duration(image.seconds * 1000)}): ${image.purpose}\n`,
  )
  try {
    await body()
  } finally {
    write("")
  }
}

const INTERVAL_MS = 60_000

/** Returns a function that writes the progress of an image once a minute. */
export function sayProgress(image: Recipe): Task["update"] {
  const started = Date.now()
  let written = started
  return (state) => {
    if (Date.now() - written < INTERVAL_MS) return
    written = Date.now()
    write(`making ${image.name}:${image.tag}: ${state}, ${duration(written - started)} so far\n`)
  }
}
