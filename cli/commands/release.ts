import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import semver from "semver"
import { parseJson, recordOf } from "../../ci/src/formats/json.js"
import { parse, usage } from "../args.js"
import { HOST_EXIT_CODES, HostFault } from "../fault.js"
import { requireFolder } from "../folder.js"
import { git } from "../git.js"
import { changesOf, type Raw } from "../release/commits.js"
import { notesOf, withNotes } from "../release/notes.js"
import { type Before, bumpOf, nextVersion, whyNot } from "../release/version.js"
import type { Command } from "./command.js"

const CHANGELOG = "CHANGELOG.md"

export const release: Command = {
  name: "release",
  group: "Check",
  help: "names the next version by Conventional Commits, writes its changelog, tags it",
  usage: ["release [FOLDER] [--pre NAME] [--as VERSION] [--prefix TEXT] [--changelog] [--tag]"],
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
    `Exit code ${HOST_EXIT_CODES["release-refused"].code}: nothing to release, or the version is there, or goes back.`,
  ],
  async run(args) {
    const { values, positionals } = parse("release", args, {
      pre: { type: "string" },
      as: { type: "string" },
      prefix: { type: "string", default: "v" },
      changelog: { type: "boolean", default: false },
      tag: { type: "boolean", default: false },
    })
    if (positionals.length > 1) throw usage("release: more than one folder", "release")
    if (values.pre !== undefined && !/^[a-z][0-9a-z-]*$/i.test(values.pre))
      throw usage("release: --pre takes a name such as rc", "release")
    const app = requireFolder("release", positionals[0] ?? ".")
    const { version, notes } = planned(app, values)
    process.stdout.write(`${version}\n\n${notes}\n`)
    if (values.changelog) writeChangelog(app, version, notes)
    if (values.tag) tag(app, `${values.prefix}${version}`, notes)
    return 0
  },
}

const refused = (what: string, fix: string): HostFault => new HostFault("release-refused", what, fix)

interface Options {
  readonly pre?: string | undefined
  readonly as?: string | undefined
  readonly prefix: string
}

/** @throws HostFault `release-refused`. */
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

const isPre = (version: string): boolean => semver.prerelease(version) !== null

/** Versions of tags, highest first. @param filter options of `git tag`. */
function versions(app: string, prefix: string, ...filter: readonly string[]): readonly string[] {
  const names = git(app, "tag", "--list", ...filter)?.split("\n") ?? []
  const own = names.flatMap((name) =>
    name.startsWith(prefix) ? (semver.valid(name.slice(prefix.length)) ?? []) : [],
  )
  return semver.rsort([...own])
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
