import * as fs from "node:fs"
import { duration } from "../ci/src/formats/figures.js"
import type { Task } from "../cli/progress.js"
import { layout } from "./layout.js"
import type { Recipe } from "./recipes/index.js"

/** One line for whoever waits: what the engine's host side is busy with. An empty one is for nothing. */
const say = (text: string): void => fs.writeFileSync(layout().activityFile, text)

/** Says that an image is made, from what and how long that takes, until `body` has ended. */
export async function whileMaking(image: Recipe, body: () => Promise<void>): Promise<void> {
  const from = image.standIn.go ? "source" : "packages"
  say(
    `making ${image.name}:${image.tag} from ${from}, once (about ${duration(image.seconds * 1000)}): ${image.purpose}\n`,
  )
  try {
    await body()
  } finally {
    say("")
  }
}

const INTERVAL_MS = 60_000

/** Says now and then how far the making of an image is. */
export function sayProgress(image: Recipe): Task["update"] {
  const started = Date.now()
  let said = started
  return (state) => {
    if (Date.now() - said < INTERVAL_MS) return
    said = Date.now()
    say(`making ${image.name}:${image.tag}: ${state}, ${duration(said - started)} so far\n`)
  }
}
