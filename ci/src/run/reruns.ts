import { dag } from "@dagger.io/dagger"
import { type ImageSource, imageReference, NODE } from "./images.js"

/**
 * Results in the engine's cache that a run must not reuse. The engine keeps the result of a command that failed, so that
 * `report` can show what `ci` saw. Once the command runs again, every later run must use the new result. A cache volume
 * of the engine has a file for each stage and input, with a value that goes into the command's environment.
 */
export interface Reruns {
  readonly any: boolean
  of(key: string): string | null
}

const FOLDER = "/reruns"
/** Older ones are forgotten: by then their results have left the engine's cache. */
const KEEP = 500

const container = (source: ImageSource) =>
  dag
    .container()
    .from(imageReference(NODE, source))
    .withMountedCache(FOLDER, dag.cacheVolume("slipway-reruns"))
    // Volumes are not part of what the engine remembers a command by: look each time.
    .withEnvVariable("SLIPWAY_RUN", `${Date.now()}-${Math.random()}`)

/** Reads which results to make again. What cannot be read counts as none. */
export async function readReruns(source: ImageSource): Promise<Reruns> {
  const text = await container(source)
    .withExec(["sh", "-c", `cd ${FOLDER} && grep -H . * 2>/dev/null; true`])
    .stdout()
    // What keeps this from being read keeps the stages from running, which then say so.
    .catch(() => "")
  const known = new Map(
    text
      .split("\n")
      .filter(Boolean)
      .map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  )
  return { any: known.size > 0, of: (key) => known.get(key) ?? null }
}

/** Adds values by key to those that are kept. */
export async function rememberReruns(
  source: ImageSource,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const entries = Object.entries(values)
  if (entries.length === 0) return
  const commands = [
    `cd ${FOLDER}`,
    ...entries.map(([key, value]) => `echo ${value} >${key}`),
    `ls -t | tail -n +${KEEP + 1} | xargs -r rm -f`,
  ]
  await container(source)
    .withExec(["sh", "-c", commands.join(" && ")])
    .sync()
}
