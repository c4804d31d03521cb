import { readIni } from "../formats/ini.js"
import { isRecord, type JsonRecord, recordOf, textsOf } from "../formats/json.js"
import { parseToml } from "../formats/toml.js"
import { textIn } from "./paths.js"
import type { Tree } from "./project.js"
import type { PytestSettings } from "./python-project.js"

const words = (value: unknown): readonly string[] =>
  typeof value === "string" ? value.split(/\s+/).filter(Boolean) : textsOf(value)

const settingsIn = (file: string, table: JsonRecord): PytestSettings => ({
  file,
  arguments: words(table.addopts),
  files: words(table.python_files),
  paths: words(table.testpaths).map((path) => path.replace(/^\.\//, "").replace(/\/$/, "")),
})

/** Returns the table of an INI file's section; null without it. */
const section =
  (name: string) =>
  (text: string): JsonRecord | null =>
    readIni(text)[name] ?? null

function inProject(text: string): JsonRecord | null {
  const { pytest } = recordOf(recordOf(parseToml(text)).tool)
  const { ini_options: options } = recordOf(pytest)
  return [options, pytest].find(isRecord) ?? null
}

/** `pytest.ini` counts even if it is empty. */
const ofItsOwn = (text: string): JsonRecord => section("pytest")(text) ?? {}
const inToml = (text: string): JsonRecord => recordOf(recordOf(parseToml(text)).pytest)

/** The files that pytest reads; the first that has its table counts. @see https://docs.pytest.org/en/stable/reference/customize.html#configuration-file-formats */
const FILES: Readonly<Record<string, (text: string) => JsonRecord | null>> = {
  "pytest.toml": inToml,
  ".pytest.toml": inToml,
  "pytest.ini": ofItsOwn,
  ".pytest.ini": ofItsOwn,
  "pyproject.toml": inProject,
  "tox.ini": section("pytest"),
  "setup.cfg": section("tool:pytest"),
}

/** Reads what the root of a tree says of pytest; null where nothing does. */
export async function pytestSettingsOf(tree: Tree): Promise<PytestSettings | null> {
  for (const [file, read] of Object.entries(FILES)) {
    const table = tree.files.includes(file) ? read(await textIn(tree, file)) : null
    if (table !== null) return settingsIn(file, table)
  }
  return null
}

/** Adds an option to pytest: `parser.addoption("--run-slow", action="store_true")`. */
const ADDS = /\.addoption\(\s*["'](--[\w-]+)["']/g

/** Returns the options that the conftest.py of a tree add to pytest. */
export async function testOptionsOf(tree: Tree): Promise<readonly string[]> {
  const files = tree.files.filter((file) => /(?:^|\/)conftest\.py$/.test(file))
  const texts = await Promise.all(files.map((file) => tree.read(file)))
  return [...new Set(texts.flatMap((text) => [...text.matchAll(ADDS)].flatMap(([, name]) => name ?? [])))]
}
