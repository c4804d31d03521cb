import { Fault, render } from "../run/fault.js"
import type { Result } from "./client.js"

/** Exit code of the outcome `refused`. */
const REFUSED = 44

/** The images to promote, by digest and separated by commas; or why there are none. */
type Promotion = { readonly images: string } | { readonly exitCode: typeof REFUSED; readonly text: string }

/**
 * Returns the images of the proven live release.
 *
 * @param status the result of `status` for the source environment.
 * @param from the name of that environment.
 * @param commit the commit that is checked out. It must be the live one: slipway.yaml and the history are read from it.
 * @throws {Fault} `configuration` if another commit is live.
 */
export function promotion({ proven }: Pick<Result, "proven">, from: string, commit: string): Promotion {
  if (proven === null)
    return {
      exitCode: REFUSED,
      text: render({
        what: `${from} has no release to promote: the live services are unproven, moving, or of different releases`,
        where: null,
        fix: `run \`status --env ${from}\`; deploy to ${from} first`,
      }),
    }
  if (proven.commit !== commit)
    throw new Fault("configuration", {
      what: `${from} runs ${proven.commit.slice(0, 12)}, but ${commit.slice(0, 12)} is checked out`,
      where: null,
      fix: `check out ${proven.commit}: its own slipway.yaml must be used`,
    })
  return { images: Object.values(proven.images).join(",") }
}
