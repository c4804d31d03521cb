import type { Change } from "./commits.js"

/** Sections of the notes, in their order. */
const SECTIONS: readonly { readonly title: string; readonly has: (change: Change) => boolean }[] = [
  { title: "Breaking changes", has: ({ breaks }) => breaks !== null },
  { title: "Features", has: ({ type }) => type === "feat" },
  { title: "Fixes", has: ({ type }) => type === "fix" },
  { title: "Performance", has: ({ type }) => type === "perf" },
  { title: "Reverts", has: ({ type }) => type === "revert" },
]

function line({ hash, scope, subject }: Change, text: string): string {
  const start = scope === null ? "" : `**${scope}:** `
  return `- ${start}${text === subject ? subject : text.replaceAll("\n", " ")} (${hash.slice(0, 7)})`
}

/** Writes the section of a version for a changelog. @param day as `2026-03-31`. */
export function notesOf(version: string, day: string, changes: readonly Change[]): string {
  const sections = SECTIONS.flatMap(({ title, has }, index) => {
    const own = changes.filter(has)
    if (own.length === 0) return []
    const text = (change: Change) => (index === 0 ? (change.breaks ?? change.subject) : change.subject)
    return [`### ${title}\n\n${own.map((change) => line(change, text(change))).join("\n")}`]
  })
  return [`## ${version} (${day})`, ...sections].join("\n\n")
}

const TITLE = "# Changelog\n"

/** Adds a section to the text of a changelog, before those that are there. */
export function withNotes(changelog: string, notes: string): string {
  const text = changelog.trim() === "" ? TITLE : changelog
  const at = text.search(/^## /m)
  return at === -1 ? `${text.trimEnd()}\n\n${notes}\n` : `${text.slice(0, at)}${notes}\n\n${text.slice(at)}`
}
