/** The environments of tox, as TOML describes them. @see https://tox.wiki/en/latest/reference/config.html#toml-configuration-format */
import { isRecord, type JsonRecord, recordOf, textsOf } from "../../formats/json.js"
import { isPython, type Tox, type ToxEnvironment } from "./tox-model.js"

/** How deep values may refer to each other. */
const DEEPEST = 6

/** Reads a table of tox. */
export function toxOfToml(tox: JsonRecord): Tox {
  const usual = namesOf(tox.env_list)
  const environments = recordOf(tox.env)
  const settingsOf = (name: string) => {
    const own = recordOf(environments[name] ?? environments[name.split("-")[0] ?? ""])
    const bases = Array.isArray(own.base) ? textsOf(own.base) : ["env_run_base"]
    const from = bases.map((one) => recordOf(tox[one] ?? environments[one]))
    return Object.fromEntries([...from.toReversed(), own].flatMap((one) => Object.entries(one)))
  }
  const labels = recordOf(tox.labels)
  return {
    usual,
    chosenBy: {},
    labelled: (label) => [
      ...namesOf(labels[label]),
      ...[...new Set([...usual, ...Object.keys(environments)])].filter((name) =>
        textsOf(settingsOf(name).labels).includes(label),
      ),
    ],
    environment(name) {
      const isThere = name in environments || usual.includes(name) || name.split("-").some(isPython)
      if (!isThere) return null
      return environmentOf(settingsOf(name), tox)
    },
  }
}

function environmentOf(settings: JsonRecord, tox: JsonRecord): ToxEnvironment {
  const value = (key: string) => resolved(settings[key], tox, DEEPEST)
  const list = (key: string) => textsOf(value(key))
  const commands = ["commands_pre", "commands", "commands_post"].flatMap((key) => {
    const all = value(key)
    return Array.isArray(all) ? all.filter(Array.isArray) : []
  })
  const folder = value("change_dir")
  return {
    deps: list("deps"),
    extras: list("extras"),
    groups: list("dependency_groups"),
    commands: commands.map((words) => words.map(wordOf).join(" ")),
    env: Object.entries(recordOf(value("set_env"))).flatMap(([key, one]) => {
      const text = resolved(one, tox, DEEPEST)
      if (typeof text !== "string") return []
      return key === "file" ? [`file|${text}`] : [`${key}=${text}`]
    }),
    folder: typeof folder === "string" ? folder.replace(/^\{\w+\}\/?/, "") : "",
  }
}

/** A word of a command; any value but a text cannot be read here. */
function wordOf(word: unknown): string {
  if (typeof word !== "string") return "{unknown}"
  return /\s/.test(word) && !word.startsWith("{posargs") ? `'${word}'` : word
}

/** Names of environments, those of a product as well: `{ product = [["a", "b"], { prefix = "py3", start = 12, stop = 14 }] }`. */
function namesOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : []).flatMap((one) => {
    if (typeof one === "string") return [one]
    const { product, exclude } = recordOf(one)
    const parts = Array.isArray(product) ? product.map(factorsOf) : []
    const names = parts.reduce<readonly string[]>(
      (all, part) =>
        all.flatMap((name) => part.map((factor) => (name === "" ? factor : `${name}-${factor}`))),
      [""],
    )
    return parts.length === 0 ? [] : names.filter((name) => !textsOf(exclude).includes(name))
  })
}

function factorsOf(part: unknown): readonly string[] {
  if (Array.isArray(part)) return textsOf(part)
  const { prefix, start, stop } = recordOf(part)
  if (typeof prefix !== "string" || typeof start !== "number" || typeof stop !== "number") return []
  return Array.from(
    { length: Math.min(Math.max(stop - start + 1, 0), 50) },
    (_, i) => `${prefix}${start + i}`,
  )
}

/** What a value stands for: of a list, an entry with `extend` gives its own entries. */
function resolved(value: unknown, tox: JsonRecord, depth: number): unknown {
  if (depth === 0) return null
  if (Array.isArray(value))
    return value.flatMap((one) => {
      const found = resolved(one, tox, depth - 1)
      if (!isRecord(one) || one.extend !== true) return [found]
      return Array.isArray(found) ? found : []
    })
  if (!isRecord(value)) return value
  return typeof value.replace === "string"
    ? (REPLACED[value.replace]?.(value, tox, depth - 1) ?? null)
    : value
}

/** What stands in the place of a value, by what it is replaced with. */
const REPLACED: Readonly<Record<string, (value: JsonRecord, tox: JsonRecord, depth: number) => unknown>> = {
  ref({ of, env, key }, tox, depth) {
    const table = typeof env === "string" ? ["env", env] : ["env_run_base"]
    const path = Array.isArray(of) ? of : [...table, key]
    const found = path.reduce<unknown>(
      (at, one) => (Array.isArray(at) ? at[Number(one)] : recordOf(at)[String(one)]),
      tox,
    )
    return resolved(found, tox, depth)
  },
  posargs(value, tox, depth) {
    const usual = resolved(value.default ?? [], tox, depth)
    // Whole commands run only where nothing else is handed over.
    if (Array.isArray(usual) && usual.some(Array.isArray)) return usual
    const text = `{posargs:${textsOf(usual).join(" ")}}`
    return value.extend === true ? [text] : text
  },
  env: ({ name, default: usual }) =>
    typeof usual === "string" ? `{env:${String(name)}:${usual}}` : `{env:${String(name)}}`,
}
