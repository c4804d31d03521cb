import { Fault, render } from "../run/fault.js"
import type { Result } from "./talk.js"

/** The deployer's own exit code where a rule forbids it. */
const REFUSED = 44

/** What one environment hands on to the next: images by digest, with commas between them; or why nothing. */
export type Promotion =
  | { readonly images: string }
  | { readonly exitCode: typeof REFUSED; readonly text: string }

/**
 * @param status what the deployer says of the environment that was asked.
 * @param from its name.
 * @param commit what is checked out: slipway.yaml is read from there, and the history that says what is older.
 * @throws {Fault} `configuration` where another commit is live there.
 */
export function promotion({ proven }: Pick<Result, "proven">, from: string, commit: string): Promotion {
  if (proven === null)
    return {
      exitCode: REFUSED,
      text: render({
        what: `there is no release to promote: what is live in ${from} was not proven good, or is not one release`,
        where: null,
        fix: `look at \`status --env ${from}\`, and deploy there first`,
      }),
    }
  if (proven.commit !== commit)
    throw new Fault("configuration", {
      what: `${from} runs ${proven.commit.slice(0, 12)}, and ${commit.slice(0, 12)} is checked out`,
      where: null,
      fix: `check out ${proven.commit}: the configuration there is what belongs to it`,
    })
  return { images: Object.values(proven.images).join(",") }
}
