import { plural } from "../formats/figures.js"
import type { Declared } from "./declared/found.js"
import { APART, leftOut } from "./folders.js"
import { MANIFEST } from "./manifest.js"
import { prefixOf } from "./paths.js"
import type { Project, Unchecked } from "./project.js"
import { isPassedOver } from "./reach.js"

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

/** Files that hold a component, its markup and its code: rules for JavaScript do not find the code in them. */
const COMPONENTS: Readonly<Record<string, string>> = { vue: "Vue", svelte: "Svelte", astro: "Astro" }

/** Counts the files whose endings a table names, by its names. */
function counted(files: readonly string[], names: Readonly<Record<string, string>>) {
  const counts = new Map<string, number>()
  for (const file of files) {
    const name = names[/\.([a-z]+)$/.exec(file)?.[1] ?? ""]
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts]
}

/** Returns the languages of a repository whose code no stage runs, or not all look at, with how much there is of each. */
const languagesUnchecked = (files: readonly string[]): readonly Unchecked[] => [
  ...counted(files, LANGUAGES).map(([language, count]) => ({
    what: plural(count, `${language} file`),
    reason: `no stage builds or tests ${language}; describe one under \`custom\` in slipway.yaml`,
  })),
  ...counted(files, COMPONENTS).map(([kind, count]) => ({
    what: plural(count, `${kind} file`),
    reason: "maintainability, privacy and scan:code read no code in components; the project's own tools do",
  })),
]

/** Kinds of work that scripts of packages do, by their usual names. */
const TASKS = ["test", "test:unit", "build", "lint"]

/** Returns the packages whose scripts no stage runs, because the team passes them over. */
export function packagesUnchecked(projects: readonly Project[]): readonly Unchecked[] {
  const passed = projects.flatMap((project) =>
    project.workspaces.filter((one) => {
      const tasks = TASKS.filter((task) => task in one.scripts)
      const ofRoot = (task: string) => (task in project.root.scripts ? task : null)
      return tasks.length > 0 && tasks.every((task) => isPassedOver(project, one, ofRoot(task), task))
    }),
  )
  return leftOut(
    passed.map(({ path }) => path),
    MANIFEST,
    "the root's scripts and the team's CI run their scripts nowhere; describe the stages under `custom` in slipway.yaml to run them",
  )
}

/** Returns what of the tools that the team's CI calls could not be read: sessions of nox are Python code. */
function unreadIn({ jobs }: Pick<Declared, "jobs">): readonly Unchecked[] {
  const found = jobs.flatMap(({ file, steps }) =>
    steps.flatMap(({ unread = [] }) => unread.map((what) => [what, file] as const)),
  )
  return [...new Map(found)].map(([what, file]) => ({
    what,
    reason: `${file} runs it, and not all that it does can be read from its Python code; describe what else it checks under \`custom\` in slipway.yaml`,
  }))
}

/** Returns the Python that no stage checks: code outside of projects, and a Python that no image has. */
function pythonUnchecked(
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

/** Returns the code of a repository that no stage checks, and what the team checks in a way that is not read. */
export const codeUnchecked = (
  files: readonly string[],
  projects: Parameters<typeof pythonUnchecked>[1],
  declared: Pick<Declared, "jobs">,
): readonly Unchecked[] => [
  ...languagesUnchecked(files),
  ...pythonUnchecked(files, projects),
  ...unreadIn(declared),
]
