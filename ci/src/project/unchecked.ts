import { plural } from "../formats/figures.js"
import { APART } from "./folders.js"
import { prefixOf } from "./paths.js"
import type { Project, Unchecked } from "./project.js"

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

/** Returns the Python that no stage checks: code outside of projects, and a Python that no image has. */
export function pythonUnchecked(
  files: readonly string[],
  projects: readonly Pick<Project, "path" | "python">[],
): readonly Unchecked[] {
  const folders = projects.map(({ path }) => prefixOf(path))
  const loose = files.filter(
    (file) => file.endsWith(".py") && !APART.test(file) && !folders.some((folder) => file.startsWith(folder)),
  )
  return [
    ...(loose.length === 0
      ? []
      : [
          {
            what: plural(loose.length, "Python file"),
            reason: "no Python project holds them; a pyproject.toml or a requirements.txt makes one",
          },
        ]),
    ...projects.flatMap(({ path, python }) => {
      if (!python?.freeThreaded) return []
      const place = path === "" ? "" : `, in ${path}`
      return [
        {
          what: `Python without the global interpreter lock${place}`,
          reason: `no image has it: what runs here runs on the usual Python ${python.version}`,
        },
      ]
    }),
  ]
}
