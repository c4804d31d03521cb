import * as path from "node:path"
import semver from "semver"
import { PUSHED } from "../../ci/src/image/evidence.js"
import { parseImages, pinnedName } from "../../ci/src/image/reference.js"
import { Fault } from "../../ci/src/run/fault.js"
import type { RunRecord } from "../../ci/src/run/result.js"
import { git } from "../../engine/host/git.js"
import { usage } from "../args.js"
import { readRecord } from "../evidence.js"
import { CommandFault } from "../fault.js"
import { assetOf, bodyOf, evidenceAssets, type Publication } from "./publication.js"
import { isPre, tagNotes, versions } from "./tags.js"

/** What a release is published from. */
export interface Parts {
  readonly prefix: string
  /** The name of a pre-release; undefined for the highest version of the commit. */
  readonly pre?: string | undefined
  /** References by digest, as `image push` prints them. */
  readonly images?: string | undefined
  /** The folder of the evidence. Default: `.slipway` of the app. */
  readonly evidence?: string | undefined
}

const refused = (what: string, fix: string): CommandFault => new CommandFault("release-refused", what, fix)

/**
 * Returns the release of the version that the checked-out commit is tagged with.
 *
 * @throws CommandFault `release-refused` without a tag with notes, or without a green check of the same commit.
 */
export function publicationOf(app: string, { prefix, pre, images: text, evidence }: Parts): Publication {
  const commit = git(app, "rev-parse", "--verify", "--quiet", "HEAD")
  const own = versions(app, prefix, "--points-at", "HEAD")
  const version = own.find((one) => pre === undefined || semver.prerelease(one)?.[0] === pre)
  if (commit === null || version === undefined)
    throw refused("this commit has no tag of a version", "`slipway release --tag`, then push the tag")
  const tag = `${prefix}${version}`
  const notes = tagNotes(app, tag)
  if (notes === null)
    throw refused(`the tag ${tag} has no notes: it is not annotated`, "tag with `slipway release --tag`")
  const folder = evidence ?? path.join(app, ".slipway")
  const check = readRecord(folder)
  if (check === null)
    throw new CommandFault("no-evidence", `no result.json in ${folder}`, "run `slipway ci` first")
  assertGreen(check, folder, commit)
  const pushed = readRecord(path.join(folder, PUSHED))
  if (pushed !== null) assertGreen(pushed, path.join(folder, PUSHED), commit)
  const images = text === undefined ? [] : imagesOf(text)
  const list = images.length === 0 ? [] : [assetOf("images.txt", Buffer.from(`${images.join("\n")}\n`))]
  return {
    tag,
    version,
    commit,
    preRelease: isPre(version),
    body: bodyOf(notes, images, commit),
    assets: [...list, ...evidenceAssets(folder)],
  }
}

/** Refuses evidence of another commit, and of a check that is not green. @param folder where it lies. */
function assertGreen({ context, verdict }: RunRecord, folder: string, commit: string): void {
  if (context.commit !== commit)
    throw refused(
      `the evidence in ${folder} is of commit ${context.commit?.slice(0, 12) ?? "unknown"}, not of ${commit.slice(0, 12)}`,
      "run `slipway ci` on this commit, or pass its evidence: `--evidence`",
    )
  if (verdict !== "passed")
    throw refused(
      `the check in ${folder} is ${verdict}`,
      "release a commit whose check, and that of its pushed images, passed",
    )
}

function imagesOf(text: string): readonly string[] {
  try {
    return parseImages(text).map(pinnedName)
  } catch (error) {
    if (error instanceof Fault) throw usage(`release: ${error.what}`, "release")
    throw error
  }
}
