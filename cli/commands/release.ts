import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { parseJson, recordOf } from "../../ci/src/formats/json.js"
import { git } from "../../engine/host/git.js"
import { parse, usage } from "../args.js"
import { CommandFault, FAULT_CODES } from "../fault.js"
import { requireFolder } from "../folder.js"
import { clientOf, TOKEN } from "../release/client.js"
import { changesOf, type Raw } from "../release/commits.js"
import { notesOf, withNotes } from "../release/notes.js"
import { PLATFORMS, placeOf } from "../release/platforms/platforms.js"
import { publish, tokenOf } from "../release/publish.js"
import { type Parts, publicationOf } from "../release/tagged.js"
import { isPre, versions } from "../release/tags.js"
import { type Before, bumpOf, nextVersion, whyNot } from "../release/version.js"
import type { Command } from "./command.js"

const CHANGELOG = "CHANGELOG.md"

export const release: Command = {
  name: "release",
  group: "Check",
  help: "names the next version by Conventional Commits, writes its changelog, tags it, publishes it",
  usage: [
    "release [FOLDER] [--pre NAME] [--as VERSION] [--prefix TEXT] [--changelog] [--tag]",
    "release [FOLDER] --publish github|gitlab [--images IMAGES] [--evidence FOLDER] [--dry-run]",
  ],
  details: [
    "",
    "FOLDER is the app's folder. Default: the current folder. Without --changelog and --tag, it changes nothing:",
    "it prints the next version and its notes.",
    "--pre NAME     a pre-release: 1.3.0-rc.1 with `rc`",
    "--as VERSION   that version, instead of the one that the commits make",
    "--prefix TEXT  what tags have before the version. Default: v",
    "--changelog    adds the notes to CHANGELOG.md: commit it before --tag",
    "--tag          tags the commit that is checked out, with the notes. It does not push",
    "",
    "--publish makes a release of GitHub or GitLab of the version that the commit is tagged with, once the tag is pushed:",
    "the notes of the tag, the images, and evidence and bills of materials as files. A second run completes the first.",
    "--images IMAGES    as `image push` printed them, by digest",
    "--evidence FOLDER  of the commit's green check. Default: .slipway",
    "--repository PATH  owner/name. Default: that of origin",
    "--api URL          the address of the API. Default: that of origin's host",
    "--dry-run          prints what would be published",
    `${TOKEN} in the environment holds the token.`,
    "",
    `Exit code ${FAULT_CODES["release-refused"].code}: nothing to release, or the version is there, or goes back.`,
    `Exit code ${FAULT_CODES["not-published"].code}: the platform is unreachable, or refuses. Run it again.`,
  ],
  async run(args) {
    const { values, positionals } = parse("release", args, {
      pre: { type: "string" },
      as: { type: "string" },
      prefix: { type: "string", default: "v" },
      changelog: { type: "boolean", default: false },
      tag: { type: "boolean", default: false },
      publish: { type: "string" },
      images: { type: "string" },
      evidence: { type: "string" },
      repository: { type: "string" },
      api: { type: "string" },
      "dry-run": { type: "boolean", default: false },
    })
    if (positionals.length > 1) throw usage("release: more than one folder", "release")
    if (values.pre !== undefined && !/^[a-z][0-9a-z-]*$/i.test(values.pre))
      throw usage("release: --pre takes a name such as rc", "release")
    const app = requireFolder("release", positionals[0] ?? ".")
    if (values.publish !== undefined) return published(app, values.publish, values)
    const { version, notes } = planned(app, values)
    process.stdout.write(`${version}\n\n${notes}\n`)
    if (values.changelog) writeChangelog(app, version, notes)
    if (values.tag) tag(app, `${values.prefix}${version}`, notes)
    return 0
  },
}

const refused = (what: string, fix: string): CommandFault => new CommandFault("release-refused", what, fix)

interface Publishing extends Parts {
  readonly repository?: string | undefined
  readonly api?: string | undefined
  readonly "dry-run": boolean
}

async function published(app: string, name: string, values: Publishing): Promise<number> {
  const platform = Object.hasOwn(PLATFORMS, name) ? PLATFORMS[name] : undefined
  if (platform === undefined)
    throw usage(`release: --publish takes ${Object.keys(PLATFORMS).join(" or ")}, not ${name}`, "release")
  const origin = placeOf(git(app, "remote", "get-url", "origin") ?? "")
  const path = values.repository ?? origin?.path
  const api = values.api ?? (origin === null ? undefined : platform.api(origin.host))
  if (path === undefined || api === undefined)
    throw usage("release: origin is no repository of a host: pass --repository and --api", "release")
  const publication = publicationOf(app, values)
  const { title, headers, open } = platform
  const client = clientOf(title, tokenOf(process.env), headers)
  const { tag, commit, preRelease, body } = publication
  const kind = preRelease ? "a pre-release" : "a release"
  process.stdout.write(`${title} ${path}: ${tag}, ${kind} of commit ${commit}\n\n${body}\n\n`)
  await publish(open(client, api.replace(/\/+$/, ""), path), title, publication, {
    dryRun: values["dry-run"],
    say: (line) => process.stdout.write(`${line}\n`),
  })
  return 0
}

interface Options {
  readonly pre?: string | undefined
  readonly as?: string | undefined
  readonly prefix: string
}

/** @throws CommandFault `release-refused`. */
function planned(app: string, { pre, as, prefix }: Options) {
  if (git(app, "rev-parse", "--verify", "--quiet", "HEAD") === null)
    throw refused("no commit to release", "commit first, in a git repository")
  if (git(app, "rev-parse", "--is-shallow-repository") === "true")
    throw refused(
      "the clone is shallow: commits since the last release are missing",
      "`git fetch --unshallow --tags`",
    )
  const own = versions(app, prefix, "--points-at", "HEAD").find((one) => pre !== undefined || !isPre(one))
  if (own !== undefined) throw refused(`this commit is ${own} already`, "release a later commit")
  const before = beforeOf(app, prefix)
  const changes = changesOf(commitsSince(app, before.last === null ? null : `${prefix}${before.last}`))
  const bump = bumpOf(changes)
  if (bump === null && as === undefined)
    throw refused(
      `nothing to release since ${before.last ?? "the first commit"}: no commit is a feature, a fix or a breaking change`,
      "name a version: `--as`",
    )
  const version = as ?? nextVersion(before, bump ?? "patch", pre ?? null)
  const why = whyNot(version, before)
  if (why !== null) throw refused(why, "name a later version, or leave out `--as`")
  return { version, notes: notesOf(version, new Date().toISOString().slice(0, 10), changes) }
}

function beforeOf(app: string, prefix: string): Before {
  const manifest = path.join(app, "package.json")
  const { version } = fs.existsSync(manifest) ? recordOf(parseJson(fs.readFileSync(manifest, "utf8"))) : {}
  return {
    tagged: versions(app, prefix),
    last: versions(app, prefix, "--merged", "HEAD").find((one) => !isPre(one)) ?? null,
    manifest: typeof version === "string" ? version : null,
  }
}

/** Commits since a tag, newest first, without merges. Ends of records and fields are bytes that no message has. */
function commitsSince(app: string, tag: string | null): readonly Raw[] {
  const range = tag === null ? "HEAD" : `refs/tags/${tag}..HEAD`
  const text = git(app, "log", "--no-merges", "--format=%H%x00%B%x01", range, "--") ?? ""
  return text.split("\u0001").flatMap((record) => {
    const [hash, message] = record.trim().split("\0")
    return hash && message !== undefined ? [{ hash, message }] : []
  })
}

function writeChangelog(app: string, version: string, notes: string): void {
  const file = path.join(app, CHANGELOG)
  const text = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : ""
  if (text.includes(`\n## ${version} (`))
    throw refused(`${CHANGELOG} has ${version} already`, "commit it, then `--tag`")
  fs.writeFileSync(file, withNotes(text, notes))
  process.stderr.write(`wrote ${file}\n`)
}

function tag(app: string, name: string, notes: string): void {
  if (git(app, "status", "--porcelain") !== null)
    throw refused("there are changes that are not committed", "commit them: the tag is for a commit")
  // Lines that begin with # are headings of the notes, not comments.
  execFileSync("git", ["-C", app, "tag", "--annotate", "--cleanup=whitespace", "--file=-", name], {
    input: `${notes}\n`,
    stdio: ["pipe", "ignore", "inherit"],
  })
  process.stderr.write(`tagged ${name}; publish it: git push origin ${name}\n`)
}
