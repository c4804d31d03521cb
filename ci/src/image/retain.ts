import type { CommandStep } from "../run/command.js"
import type { Opened } from "./open.js"
import { parsePinned, parseRepository, type Repository, repositoryName } from "./reference.js"
import { atRegistry } from "./registry.js"
import { type Decision, decide, decisionsText, type Tagged } from "./retention.js"

const LISTING = "/slipway/listing"
const TIMEOUT = 900

/** Writes a line for each tag: the tag, its digest, when the image was made, what refers to it. */
const list = (repository: string): CommandStep => ({
  name: "list",
  run: [
    "set -e",
    // Not in the loop's head, where a failure would read as an empty repository.
    `tags=$(regctl tag ls ${repository})`,
    "for tag in $tags; do",
    // Under these, registries without an index of referrers keep them: they belong to their image.
    '  case "$tag" in sha256-*) continue ;; esac',
    `  digest=$(regctl image digest "${repository}:$tag")`,
    `  created=$(regctl image config --format '{{with .Created}}{{.Format "2006-01-02T15:04:05Z07:00"}}{{end}}' "${repository}@$digest")`,
    `  referrers=$(regctl artifact list --format '{{range .Descriptors}}{{.Digest}} {{end}}' "${repository}@$digest")`,
    '  echo "$tag|$digest|$created|$referrers"',
    `done >>${LISTING}`,
  ].join("\n"),
  timeout: TIMEOUT,
})

/** Reads the lines of {@link list}. */
export const parseListing = (text: string): readonly Tagged[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [tag = "", digest = "", created = "", referrers = ""] = line.split("|")
      return { tag, digest, created: created || null, referrers: referrers.split(" ").filter(Boolean) }
    })

async function read({ access }: Opened, repository: Repository): Promise<readonly Tagged[]> {
  const ran = await atRegistry(access, {
    repositories: [repository],
    steps: [list(repositoryName(repository))],
    reports: [LISTING],
  })
  return parseListing(ran.reports[LISTING] ?? "")
}

/** What the caller knows of the images of a repository. */
export interface InUse {
  /** Images that are deployed, by digest. */
  readonly deployed: readonly string[]
  /** Repositories that images are promoted to. */
  readonly promotedTo: readonly string[]
}

/**
 * Says what of a repository stays by the retention policy of slipway.yaml and what goes; and deletes that, where
 * it is to be applied.
 */
export async function retain(opened: Opened, name: string, use: InUse, apply: boolean): Promise<string> {
  const repository = parseRepository(name)
  const promoted: string[] = []
  for (const other of use.promotedTo)
    promoted.push(...(await read(opened, parseRepository(other))).map(({ digest }) => digest))
  const deployed = use.deployed.map((reference) => parsePinned(reference).digest)
  const policy = { ...opened.config.image.retain, deployed, promoted }
  const decisions = decide(await read(opened, repository), policy, Date.now())
  const gone = decisions.filter(({ keptFor }) => keptFor === null)
  if (apply && gone.length > 0)
    await atRegistry(opened.access, {
      repositories: [repository],
      steps: [{ name: "delete", run: deletion(repositoryName(repository), decisions), timeout: TIMEOUT }],
    })
  return decisionsText(decisions, apply)
}

/**
 * What refers to an image goes before it, but for what refers to one that stays as well: where a deletion breaks
 * off, what is left is no longer signed.
 */
function deletion(repository: string, decisions: readonly Decision[]): string {
  const kept = new Set(
    decisions.filter(({ keptFor }) => keptFor !== null).flatMap(({ referrers }) => referrers),
  )
  return decisions
    .filter(({ keptFor }) => keptFor === null)
    .flatMap(({ digest, referrers }) => [
      `regctl tag delete --ignore-missing ${repository}:${digest.replace(":", "-")}`,
      ...[...referrers.filter((one) => !kept.has(one)), digest].map(
        (one) => `regctl manifest delete --ignore-missing ${repository}@${one}`,
      ),
    ])
    .join(" && ")
}
