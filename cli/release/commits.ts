import { CommitParser } from "conventional-commits-parser"

/** A commit as Conventional Commits reads it. */
export interface Change {
  /** The full hash. */
  readonly hash: string
  /** `feat`, in lower case; null for a commit of another form. */
  readonly type: string | null
  readonly scope: string | null
  readonly subject: string
  /** What it breaks, in its author's words; null where it breaks nothing. */
  readonly breaks: string | null
}

/** A commit as git has it. */
export interface Raw {
  readonly hash: string
  readonly message: string
}

/** @see https://www.conventionalcommits.org/en/v1.0.0/ */
const parser = new CommitParser({
  headerPattern: /^([A-Za-z]+)(?:\(([^)]*)\))?!?: (.+)$/,
  breakingHeaderPattern: /^([A-Za-z]+)(?:\(([^)]*)\))?!: (.+)$/,
  headerCorrespondence: ["type", "scope", "subject"],
  noteKeywords: ["BREAKING CHANGE", "BREAKING-CHANGE"],
  revertPattern: /^Revert "([\s\S]*)"\s*This reverts commit (\w+)/m,
  revertCorrespondence: ["header", "hash"],
})

/** Reads commits, newest first. A commit that another of them reverts is left out, and so is what reverts it. */
export function changesOf(commits: readonly Raw[]): readonly Change[] {
  const parsed = commits
    .filter(({ message }) => message.trim() !== "")
    .map(({ hash, message }) => ({ hash, commit: parser.parse(message) }))
  const gone = new Set<string>()
  for (const { hash, commit } of parsed) {
    const reverted = commit.revert?.hash ?? null
    const target = reverted === null ? undefined : commits.find((one) => one.hash.startsWith(reverted))
    // A revert that is itself reverted does not count.
    if (target !== undefined && !gone.has(hash)) gone.add(hash).add(target.hash)
  }
  return parsed
    .filter(({ hash }) => !gone.has(hash))
    .map(({ hash, commit }) => ({
      hash,
      type: commit.type?.toLowerCase() ?? null,
      scope: commit.scope || null,
      subject: commit.subject ?? commit.header ?? "",
      breaks: commit.notes[0]?.text ?? null,
    }))
}
