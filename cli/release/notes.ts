import type { Change } from "./commits.js"

type TextOf = (change: Change) => string | null

const ofType =
  (wanted: string): TextOf =>
  ({ type, subject }) =>
    type === wanted ? subject : null

/** Sections of the notes, in their order, with what each says of a change; null for nothing. */
const SECTIONS: readonly { readonly title: string; readonly text: TextOf }[] = [
  { title: "Breaking changes", text: ({ breaks }) => breaks },
  { title: "Features", text: ofType("feat") },
  { title: "Fixes", text: ofType("fix") },
  { title: "Performance", text: ofType("perf") },
  { title: "Reverts", text: ofType("revert") },
]

function line({ hash, scope }: Change, text: string): string {
  const start = scope === null ? "" : `**${scope}:** `
  return `- ${start}${text.replaceAll("\n", " ")} (${hash.slice(0, 7)})`
}

/** Writes the section of a version for a changelog. @param day as `2026-03-31`. */
export function notesOf(version: string, day: string, changes: readonly Change[]): string {
  const sections = SECTIONS.flatMap(({ title, text }) => {
    const lines = changes.flatMap((change) => {
      const own = text(change)
      return own === null ? [] : [line(change, own)]
    })
    return lines.length === 0 ? [] : [`### ${title}\n\n${lines.join("\n")}`]
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
