/** The environments of tox, as tox.ini or pyproject.toml describe them. */
import { type Ini, readIni } from "../../formats/ini.js"
import { recordOf } from "../../formats/json.js"
import { parseToml } from "../../formats/toml.js"
import { isPython, type Tox, type ToxEnvironment } from "./tox-model.js"
import { toxOfToml } from "./tox-toml.js"

/** `py{39,310}-{a,b}` → py39-a, py39-b, py310-a, py310-b */
export function expanded(name: string): readonly string[] {
  const [, before = "", inside = "", after = ""] = /^([^{]*)\{([^{}]*)\}(.*)$/.exec(name) ?? []
  if (inside === "") return [name.trim()].filter(Boolean)
  const all = inside.split(",").flatMap((one) => ranged(one.trim()))
  return all.flatMap((one) => expanded(`${before}${one}${after}`))
}

/** `10-12` → 10, 11, 12 */
function ranged(text: string): readonly string[] {
  const [, from = "", to = ""] = /^(\d+)-(\d+)$/.exec(text) ?? []
  if (from === "") return [text]
  const length = Math.min(Math.max(Number(to) - Number(from) + 1, 0), MOST)
  return Array.from({ length }, (_, i) => String(Number(from) + i))
}

/** How many versions a range names at most. */
const MOST = 50

/** Divides a list of names by commas and lines; those in braces belong to their name. */
export const namesIn = (text: string): readonly string[] =>
  text.split(/[,\s]+(?![^{]*\})/).flatMap((one) => expanded(one.replace(/\s+/g, "")))

/** The sections of an INI file, with the same names for settings as tox has: `change_dir` of `change-dir`. */
const sectionsOf = (text: string): Ini =>
  Object.fromEntries(
    Object.entries(readIni(text)).map(([header, section]) => [
      header,
      Object.fromEntries(
        Object.entries(section).map(([key, value]) => [key.replaceAll("-", "_"), value] as const),
      ),
    ]),
  )

/** A line for some environments alone: `lint,py312-django: mypy`. */
const CONDITION = /^(!?[\w.{}!-]+(?:,\s*!?[\w.{}!-]+)*):(?:\s+(.*)|)$/

/** Returns the lines of a value that hold for an environment. @see https://tox.wiki/en/latest/config.html#conditional-settings */
function linesFor(value: string, name: string): readonly string[] {
  const factors = [...name.split("-"), "linux"]
  return value
    .replace(/[ \t]*(?<!\\)#.*$/gm, "")
    .replace(/\\\r?\n\s*/g, " ")
    .split("\n")
    .flatMap((line) => {
      const [, condition, rest = ""] = CONDITION.exec(line.trim()) ?? []
      if (condition === undefined) return [line.trim()]
      const holds = namesIn(condition).some((one) =>
        one
          .split("-")
          .every((factor) =>
            factor.startsWith("!") ? !factors.includes(factor.slice(1)) : factors.includes(factor),
          ),
      )
      return holds ? [rest.trim()] : []
    })
    .filter(Boolean)
}

/** Reads the text of a tox.ini. @see https://tox.wiki/en/latest/config.html */
function readToxIni(text: string): Tox {
  const sections = sectionsOf(text)
  const named = Object.entries(sections).flatMap(([header, section]) =>
    header.startsWith("testenv:")
      ? namesIn(header.slice("testenv:".length)).map((name) => [name, section] as const)
      : [],
  )
  const own = new Map(named)
  const usual = namesIn(sections.tox?.envlist ?? sections.tox?.env_list ?? "")
  const referred = (value: string, depth = 0): string =>
    depth > 4
      ? value
      : value.replace(/\{\[([^\]]+)\]([\w-]+)\}/g, (_, section: string, key: string) =>
          referred(sections[section]?.[key.replaceAll("-", "_")] ?? "", depth + 1),
        )
  const environment = (name: string): ToxEnvironment | null => {
    const section = own.get(name)
    const isThere = section !== undefined || usual.includes(name) || name.split("-").some(isPython)
    if (!isThere) return null
    const from = withBases(sections, section)
    const value = (...keys: readonly string[]) => linesFor(referred(settingOf(from, ...keys)), name)
    return environmentOf(value)
  }
  const labelled = (label: string) => [
    ...labelsOf(sections)
      .filter((one) => one.label === label)
      .flatMap(({ names }) => names),
    ...[...new Set([...usual, ...own.keys()])].filter((name) =>
      linesFor(settingOf(withBases(sections, own.get(name)), "labels"), name)
        .flatMap(namesIn)
        .includes(label),
    ),
  ]
  return { usual, chosenBy: chosenBy(sections), labelled, environment }
}

/** @param value the lines of a setting, by one of its names. */
const environmentOf = (value: (...keys: readonly string[]) => readonly string[]): ToxEnvironment => ({
  deps: value("deps"),
  extras: value("extras").flatMap(namesIn),
  groups: value("dependency_groups").flatMap(namesIn),
  commands: [...value("commands_pre"), ...value("commands"), ...value("commands_post")],
  env: value("set_env", "setenv").map((line) => line.replace(/^(\w+)\s*=\s*/, "$1=")),
  folder: (value("change_dir", "changedir")[0] ?? "").replace(/^\{\w+\}\/?/, ""),
})

/** The first of some sections that has a setting says it. */
const settingOf = (sections: readonly Section[], ...keys: readonly string[]): string =>
  sections.flatMap((one) => keys.flatMap((key) => one[key] ?? []))[0] ?? ""

/** `labels` of tox itself: `static = lint, types`. */
const labelsOf = (sections: Ini) =>
  (sections.tox?.labels ?? "").split("\n").flatMap((line) => {
    const [, label = "", names = ""] = /^\s*([\w-]+)\s*=\s*(.*)$/.exec(line) ?? []
    return label === "" ? [] : [{ label, names: namesIn(names) }]
  })

/** What tox-gh-actions chooses by variables. @see https://github.com/ymyzk/tox-gh-actions#factor-conditional-settings-environment-variable */
const chosenBy = (sections: Ini): Tox["chosenBy"] =>
  Object.fromEntries(
    Object.entries(sections["gh-actions:env"] ?? {}).map(([name, lines]) => [
      name,
      Object.fromEntries(
        lines.split("\n").flatMap((line) => {
          const [, value, factors] = /^\s*([^:]+?)\s*:\s*(.+)$/.exec(line) ?? []
          return value === undefined || factors === undefined ? [] : [[value, namesIn(factors)] as const]
        }),
      ),
    ]),
  )

type Section = Ini[string]

/** The sections that give an environment its settings, its own first. The bases of a base do not count. */
function withBases(sections: Ini, own: Section = {}): readonly Section[] {
  const bases = namesIn(own.base ?? "testenv").map(
    (name) => sections[name.startsWith("testenv") ? name : `testenv:${name}`] ?? {},
  )
  return [own, ...bases]
}

/** A setup.cfg has the settings of tox itself in a section of another name. */
const ofSetup = (text: string): Tox | null =>
  /^\[tox:tox\]/m.test(text) ? readToxIni(text.replace(/^\[tox:tox\]/m, "[tox]")) : null

/** Reads what a pyproject.toml says of tox, in either form; null where it says nothing. */
function ofProject(text: string): Tox | null {
  const tox = recordOf(recordOf(recordOf(parseToml(text)).tool).tox)
  if (typeof tox.legacy_tox_ini === "string") return readToxIni(tox.legacy_tox_ini)
  return Object.keys(tox).length === 0 ? null : toxOfToml(tox)
}

/** The files of a folder that tox reads, the first that describes it; what each says of it, null for nothing. */
export const TOX_FILES: Readonly<Record<string, (text: string) => Tox | null>> = {
  "tox.ini": readToxIni,
  "setup.cfg": ofSetup,
  "pyproject.toml": ofProject,
  "tox.toml": (text) => toxOfToml(recordOf(parseToml(text))),
}
