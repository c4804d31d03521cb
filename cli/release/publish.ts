import { CommandFault } from "../fault.js"
import { TOKEN } from "./client.js"
import type { Releases } from "./platforms/platform.js"
import type { Publication } from "./publication.js"
import { type Found, type Step, stepsOf, textOf } from "./steps.js"

const refused = (what: string, fix: string): CommandFault => new CommandFault("release-refused", what, fix)

/** Refuses a tag that the platform does not have, or has at another commit. */
async function assertTag(releases: Releases, title: string, { tag, commit }: Publication): Promise<void> {
  const there = await releases.commitOf(tag)
  if (there === null) throw refused(`${title} does not have the tag ${tag}`, `git push origin ${tag}`)
  if (there !== commit)
    throw refused(
      `${tag} is commit ${there.slice(0, 12)} at ${title}, and ${commit.slice(0, 12)} here: one of the tags moved`,
      "release a later version: a tag of a version never moves",
    )
}

async function take(
  releases: Releases,
  publication: Publication,
  step: Step,
  found: Found | null,
): Promise<Found> {
  const release = found ?? (await releases.create(publication))
  if (step.kind === "upload") {
    if (step.instead !== null) await releases.remove(step.instead)
    await releases.upload(release, step.asset)
  }
  if (step.kind === "publish") await releases.publish(publication, release)
  return release
}

/**
 * Publishes a release, or completes it. A run that broke off is completed by the next one.
 *
 * @param say prints a line.
 * @throws CommandFault `release-refused`, `not-published`
 */
export async function publish(
  releases: Releases,
  title: string,
  publication: Publication,
  { dryRun, say }: { readonly dryRun: boolean; readonly say: (line: string) => void },
): Promise<void> {
  await assertTag(releases, title, publication)
  let found = await releases.find(publication)
  const steps = stepsOf(publication, found)
  if (steps.length === 0) return say(`${publication.tag} is published already, with all its files`)
  for (const step of steps) {
    if (!dryRun) found = await take(releases, publication, step, found)
    say(dryRun ? `would ${textOf(step)}` : textOf(step))
  }
}

/** Reads the token. @throws CommandFault `usage`; the message does not show it. */
export function tokenOf(env: NodeJS.ProcessEnv): string {
  const token = env[TOKEN]?.trim() ?? ""
  if (/^[!-~]+$/.test(token)) return token
  throw new CommandFault("usage", `${TOKEN} holds no token`, `set it in the environment: docs/releases.md`)
}
