import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { PUSHED } from "../../ci/src/image/evidence.js"
import { freeNames } from "../../ci/src/project/paths.js"

/** A file of a release. */
export interface Asset {
  readonly name: string
  readonly content: Buffer
  /** SHA-256, in hex digits. */
  readonly digest: string
}

/** A release as GitHub or GitLab gets it. */
export interface Publication {
  readonly tag: string
  readonly version: string
  readonly commit: string
  readonly preRelease: boolean
  /** The text of the release: notes, images, and the mark of {@link markOf}. */
  readonly body: string
  readonly assets: readonly Asset[]
}

/** Files and folders that a release has of the check's evidence, and of what `image check` found. Logs may hold what is not for everybody. */
const EVIDENCE = ["", `${PUSHED}/`].flatMap((folder) =>
  ["result.json", "report.html", "summary.md", "junit.xml", "findings.sarif", "audit.jsonl", "sbom"].map(
    (entry) => `${folder}${entry}`,
  ),
)

/** Marks a release that Slipway published, with its commit: GitHub and GitLab do not show it. */
export const markOf = (commit: string): string => `<!-- slipway release ${commit} -->`

/** Returns the commit of a release's mark; null for a release that Slipway did not publish. */
export const markedCommit = (body: string): string | null =>
  /<!-- slipway release ([0-9a-f]+) -->/.exec(body)?.[1] ?? null

/** Writes the text of a release. @param images references by digest. */
export function bodyOf(notes: string, images: readonly string[], commit: string): string {
  const list = images.map((image) => `- \`${image}\``).join("\n")
  return [notes, ...(images.length === 0 ? [] : [`### Images\n\n${list}`]), markOf(commit)].join("\n\n")
}

/** Returns a file of a release, with its SHA-256. */
export function assetOf(name: string, content: Buffer): Asset {
  return { name, content, digest: createHash("sha256").update(content).digest("hex") }
}

/** GitHub renames files whose names have other characters. */
const plainName = (file: string): string => file.replace(/[^\w.-]+/g, "-").replace(/^[.-]+|[.-]+$/g, "")

/** Reads the evidence that is attached to a release. Files of folders get one name: `sbom-backend.cdx.json`. */
export function evidenceAssets(folder: string): readonly Asset[] {
  const named = freeNames(new Set())
  return EVIDENCE.flatMap((entry) => filesOf(folder, entry)).flatMap((file) => {
    const content = fs.readFileSync(path.join(folder, file))
    // GitHub refuses an empty file.
    return content.length === 0 ? [] : [assetOf(named(plainName(file)), content)]
  })
}

function filesOf(folder: string, entry: string): readonly string[] {
  const stat = fs.statSync(path.join(folder, entry), { throwIfNoEntry: false })
  if (stat === undefined) return []
  if (stat.isFile()) return [entry]
  return fs
    .readdirSync(path.join(folder, entry), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => path.relative(folder, path.join(one.parentPath, one.name)))
    .sort()
}
