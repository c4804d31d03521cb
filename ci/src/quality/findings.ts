import { cleanLog } from "../formats/clean.js"
import { parseJson, recordsOf } from "../formats/json.js"
import { joinPath } from "../project/paths.js"
import type { Finding } from "../run/result.js"

/** Reads what one tool prints. Each line of a log is given to the tools in turn. */
interface Reader {
  readonly tool: string
  readonly pattern: RegExp
  finding(match: RegExpExecArray, file: string | null): Finding
}

const LEVELS: Readonly<Record<string, Finding["severity"]>> = {
  error: "medium",
  warning: "low",
  warn: "low",
  notice: "info",
}

/** A line that only names a file: ESLint puts the findings of a file below it. XO adds where the first one is. */
const FILE_LINE = /^(?:(\/\S.*\.\w+|[\w@.][^\s:]*\/[^\s:]+\.\w+)|\s+(\S.*\.\w+):\d+:\d+)$/

/** Biome says what is wrong some lines below where. */
const BELOW = "see the log"
const BELOW_LINE = /^\s*([×✖!⚠iℹ])\s+(.+)$/
/** Biome's signs of its levels, besides that of an error. */
const SIGNS: Readonly<Record<string, Finding["severity"]>> = { "!": "low", "⚠": "low", i: "info", ℹ: "info" }

const READERS: readonly Reader[] = [
  {
    // ESLint, stylish: "  12:5  error  'x' is never used  no-unused-vars"
    tool: "ESLint",
    pattern: /^\s+(\d+):\d+\s+(error|warning)\s+(.+?)(?:\s{2,}([\w@/-]+))?\s*$/,
    finding: ([, line, level = "", message = "", rule], file) =>
      at(rule ?? "syntax", level, message, file, line),
  },
  {
    // XO: "  ✖  12:5  x is never used.  no-unused-vars"
    tool: "XO",
    pattern: /^\s+([✖⚠])\s+(\d+):\d+\s+(.+?)\s{2,}([\w@/-]+)\s*$/,
    finding: ([, sign = "", line, message = "", rule = ""], file) =>
      at(rule, SIGNS[sign] === "low" ? "warning" : "error", message, file, line),
  },
  {
    // standard: "  /app/src/a.js:12:5: 'x' is never used. (no-unused-vars)"
    tool: "standard",
    pattern: /^\s+(\/\S.*?\.\w+):(\d+):\d+: (.+?) \(([\w@/-]+)\)(?: \((warning)\))?\s*$/,
    finding: ([, path = "", line, message = "", rule = "", level = "error"]) =>
      at(rule, level, message, path, line),
  },
  {
    // tsc: "src/a.ts(3,5): error TS2322: Type …"
    tool: "tsc",
    pattern: /^(.+?)\((\d+),\d+\): (error|warning) (TS\d+): (.*)$/,
    finding: ([, path = "", line, level = "", rule = "", message = ""]) =>
      at(rule, level, message, path, line),
  },
  {
    // tsc, about its configuration: "error TS18003: No inputs were found in config file …"
    tool: "tsc",
    pattern: /^(error) (TS\d+): (.*)$/,
    finding: ([, level = "", rule = "", message = ""]) => at(rule, level, message, null, undefined),
  },
  {
    // tsc --pretty: "src/a.ts:3:5 - error TS2322: Type …"
    tool: "tsc",
    pattern: /^(.+?):(\d+):\d+ - (error|warning) (TS\d+): (.*)$/,
    finding: ([, path = "", line, level = "", rule = "", message = ""]) =>
      at(rule, level, message, path, line),
  },
  {
    // Prettier --check: "[warn] src/a.ts", "[error] src/a.ts: SyntaxError: … (3:5)"
    tool: "Prettier",
    pattern: /^\[(warn|error)\] (\S*\.\w+)(?:: (.*?)(?:\((\d+):\d+\))?)?$/,
    finding: ([, level = "", path = "", message, line]) =>
      at("prettier", level, message?.trim() || "is not formatted as the configuration says", path, line),
  },
  {
    // Biome: "./src/a.ts:3:5 lint/suspicious/noExplicitAny ━━━━", "src/a.ts format ━━━━"
    tool: "Biome",
    pattern: /^(\S+?\.\w+)(?::(\d+):\d+)? ((?:lint|assist|parse|format|check)[/\w]*) .*━/,
    finding: ([, path = "", line, rule = ""]) => at(rule, "error", BELOW, path, line),
  },
  {
    // Annotations, of Biome and oxlint: "::error title=lint/a,file=src/a.ts,line=3,col=5::what is wrong"
    tool: "annotations",
    pattern: /^::(error|warning|notice) ([^:]*(?::(?!:)[^:]*)*)::(.*)$/,
    finding: ([, level = "", properties = "", message = ""]) => {
      const { title, file, line } = propertiesOf(properties)
      return at(title ?? "syntax", level, unescaped(message), file ?? null, line)
    },
  },
]

const propertiesOf = (text: string): Partial<Record<string, string>> =>
  Object.fromEntries(
    text.split(",").flatMap((pair) => {
      const at = pair.indexOf("=")
      return at === -1 ? [] : [[pair.slice(0, at).trim(), unescaped(pair.slice(at + 1))]]
    }),
  )

const ESCAPES: Readonly<Record<string, string>> = {
  "%25": "%",
  "%0A": " ",
  "%0D": "",
  "%2C": ",",
  "%3A": ":",
}

const unescaped = (text: string) => text.replaceAll(/%(?:25|0A|0D|2C|3A)/g, (code) => ESCAPES[code] ?? code)

function at(
  rule: string,
  level: string,
  message: string,
  file: string | null,
  line: string | undefined,
): Finding {
  return {
    rule,
    severity: LEVELS[level] ?? "medium",
    message,
    file,
    line: line === undefined ? null : Number(line),
  }
}

/**
 * The findings in a tool's output.
 *
 * @param root where the project lies in the container; it is cut off paths.
 * @param folder the folder that the tool ran in, put before paths that are not absolute.
 * @param except tools whose findings are known from elsewhere.
 */
export function readFindings(
  log: string,
  root: string,
  folder: string,
  except: readonly string[] = [],
): readonly Finding[] {
  let file: string | null = null
  const found: Finding[] = []
  for (const line of cleanLog(log).split("\n")) {
    const named = FILE_LINE.exec(line)
    file = named?.[1] ?? named?.[2] ?? file
    const last = found.at(-1)
    const below = BELOW_LINE.exec(line)
    if (last?.message === BELOW && below?.[2])
      found[found.length - 1] = {
        ...last,
        message: below[2],
        severity: SIGNS[below[1] ?? ""] ?? last.severity,
      }
    const one = readLine(line, file, except)
    if (one) found.push({ ...one, file: one.file === null ? null : inProject(one.file, root, folder) })
  }
  return found
}

/** Returns the finding that a line begins, as the first tool reads it; null for another line. */
function readLine(line: string, file: string | null, except: readonly string[]): Finding | null {
  for (const { tool, pattern, finding } of READERS) {
    const match = except.includes(tool) ? null : pattern.exec(line)
    if (match) return finding(match, file)
  }
  return null
}

/** The findings of ESLint's own report in JSON; none where it is not one. */
export function readEslint(text: string, root: string, folder: string): readonly Finding[] {
  return recordsOf(parseJson(text)).flatMap(({ filePath, messages }) =>
    recordsOf(messages).map(({ ruleId, message, line, severity }) => ({
      rule: typeof ruleId === "string" ? ruleId : "syntax",
      severity: severity === 1 ? "low" : "medium",
      message: String(message),
      file: inProject(String(filePath), root, folder),
      line: typeof line === "number" ? line : null,
    })),
  )
}

/**
 * Returns the path in the project of a file that a tool names.
 *
 * @param root where the project lies in the container.
 * @param folder the folder that the tool ran in, for paths that are not absolute.
 */
export function inProject(file: string, root: string, folder: string): string {
  if (file.startsWith(`${root}/`)) return file.slice(root.length + 1)
  return joinPath(folder, file.replace(/^\.\//, ""))
}
