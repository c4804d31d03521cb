import { plural } from "../formats/figures.js"
import type { Unchecked } from "./project.js"

/** Languages whose code no stage runs, by the endings of their files. */
const LANGUAGES: Readonly<Record<string, string>> = {
  go: "Go",
  rs: "Rust",
  java: "Java",
  kt: "Kotlin",
  scala: "Scala",
  rb: "Ruby",
  php: "PHP",
  cs: "C#",
  swift: "Swift",
  ex: "Elixir",
  exs: "Elixir",
  dart: "Dart",
  c: "C",
  cc: "C++",
  cpp: "C++",
}

/** Returns the languages of a repository whose code no stage runs, with how much there is of each. */
export function languagesUnchecked(files: readonly string[]): readonly Unchecked[] {
  const counts = new Map<string, number>()
  for (const file of files) {
    const language = LANGUAGES[/\.([a-z]+)$/.exec(file)?.[1] ?? ""]
    if (language !== undefined) counts.set(language, (counts.get(language) ?? 0) + 1)
  }
  return [...counts].map(([language, count]) => ({
    what: plural(count, `${language} file`),
    reason: `no stage builds or tests ${language}; describe one under \`custom\` in slipway.yaml`,
  }))
}
