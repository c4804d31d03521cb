import type { LogTail, Step } from "./result.js"

/** One command of a stage. */
export interface CommandStep {
  /** `install`, `migrate`, `test`: what it is, in a word. */
  readonly name: string
  /** A shell command line. */
  readonly run: string
  /** Seconds until it is killed, with all its processes. */
  readonly timeout: number
  /** Number of tries: more than 1 if it needs a network. */
  readonly attempts?: number
  /** An extended regular expression (grep -E): a failure whose log matches is not tried again. */
  readonly final?: string
  /** True for one that leaves a process which the steps after it use: a shell in the container starts it as well. */
  readonly stays?: true
}

/**
 * Returns a shell command that starts a program in the background, and ends once the program has written a file.
 *
 * @param mark the file. One that an earlier start left does not count.
 */
export const startedOnce = (program: string, mark: string): string =>
  `rm -f ${mark}; ${program} & while [ ! -e ${mark} ]; do kill -0 $! || exit 1; sleep 0.05; done`

/** The result of a command. */
export interface CommandResult {
  /** The steps that ran. */
  readonly steps: readonly Step[]
  /** The first step that failed, or null. */
  readonly failed: Step | null
  readonly log: LogTail
  /** Contents of the report files, by path. */
  readonly reports: Readonly<Record<string, string>>
}

/** Where {@link commandScript} writes its files in the container. */
export const FOLDER = "/slipway"
/** The results of the steps. */
export const RESULT_FILE = `${FOLDER}/result`
/** The whole log of a command. */
export const LOG_FILE = `${FOLDER}/log`

/** Lines of a log that are returned. The whole log stays in the container's {@link LOG_FILE}. */
export const TAIL_LINES = 300
/** Bytes of the tail: a line can be as long as a file. */
const TAIL_BYTES = 200_000
/** The largest report that is read, in bytes. A larger one counts as missing. */
const REPORT_BYTES = 40_000_000

/** Separates the parts of the result file: a control character that the log is cleaned of. */
const MARK = "\u001e"

/** Puts a word in quotes for the shell. */
export const inQuotes = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** Quotes a word for the shell where it needs quotes. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : inQuotes(word)
}

/** Returns the shell pattern that matches exactly one path: a report's, whatever characters it has. */
export const onlyPath = (path: string): string => path.replace(/[*?[]/g, "[$&]")

/** Quotes a path for the shell, except for its patterns. */
function quotePattern(path: string): string {
  return path.replaceAll(/[^\w@%+=:,./*?[\]!-]/g, (character) =>
    character === "\n" ? "?" : `\\${character}`,
  )
}

/**
 * Returns a POSIX shell script that runs the steps, each under its timeout, and writes their results to
 * {@link RESULT_FILE}. It always exits with 0, so that the engine keeps its files.
 *
 * @param reports paths or shell patterns of files to put into the result.
 * @param folder for the result and the log.
 */
export function commandScript(
  steps: readonly CommandStep[],
  reports: readonly string[] = [],
  folder = FOLDER,
): string {
  const log = `${folder}/log`
  return [
    `mkdir -p ${folder}`,
    `: >${log}`,
    `: >${folder}/steps`,
    // Shows the log as it grows.
    `tail -f ${log} & follower=$!`,
    ...stepFunction(log, folder),
    steps
      .map(
        (step, i) =>
          `step ${i} ${step.timeout} ${step.attempts ?? 1} ${quote(step.run)} ${quote(step.final ?? "")}`,
      )
      .join(" && "),
    "{",
    `  cat ${folder}/steps`,
    `  printf '${octal(MARK)}%s\\n' "$(wc -l <${log})"`,
    `  tail -n ${TAIL_LINES} ${log} | tail -c ${TAIL_BYTES} | LC_ALL=C tr -d '\\000-\\010\\013-\\014\\016-\\032\\034-\\037'`,
    `  for file in ${reports.map(quotePattern).join(" ") || '""'}; do`,
    `    [ -f "$file" ] && [ "$(wc -c <"$file")" -le ${REPORT_BYTES} ] || continue`,
    `    printf '${octal(MARK)}%s\\n' "$file"`,
    `    LC_ALL=C tr -d '\\000-\\010\\013-\\014\\016-\\037' <"$file"`,
    "  done",
    `} >${folder}/result`,
    "kill $follower",
    "true",
  ].join("\n")
}

/** Defines the shell function that runs a step: its number, seconds, attempts, command, and the log of a final failure. */
const stepFunction = (log: string, folder: string): readonly string[] => [
  // Milliseconds where date knows them, else whole seconds (busybox).
  "now() { t=$(date +%s%3N); case $t in *[!0-9]*) t=$(date +%s)000 ;; esac; echo $t; }",
  "step() {",
  "  number=$1 seconds=$2 attempts=$3 command=$4 final=$5 try=0 begin=$(now)",
  "  while :; do",
  "    try=$((try + 1))",
  // Not through a pipe: a leftover process would keep it open, and this script waiting.
  `    timeout -k 5 "$seconds" sh -c "$command" >>${log} 2>&1 </dev/null`,
  "    code=$?",
  '    [ "$code" -ne 0 ] && [ "$try" -lt "$attempts" ] || break',
  `    [ -n "$final" ] && grep -Eq "$final" ${log} && break`,
  `    echo "slipway: attempt $try of $attempts failed with exit code $code" >>${log}`,
  "    sleep $((try * 3))",
  "  done",
  `  echo "$number $begin $(now) $code $try" >>${folder}/steps`,
  '  return "$code"',
  "}",
]

const octal = (character: string) => `\\0${character.charCodeAt(0).toString(8)}`

/** Reads the result file of a {@link commandScript} of the same steps. */
export function parseResult(text: string, wanted: readonly CommandStep[]): CommandResult {
  const [head = "", tail = "", ...files] = text.split(MARK)
  const steps = head
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => toStep(line, wanted))
  const [lines, log] = cut(tail)
  return {
    steps,
    failed: steps.find((step) => step.exitCode !== 0) ?? null,
    log: { text: log, lines: Math.max(Number(lines), log === "" ? 0 : 1) },
    reports: Object.fromEntries(files.map(cut)),
  }
}

const cut = (text: string): [string, string] => {
  const end = text.indexOf("\n")
  return end === -1 ? [text, ""] : [text.slice(0, end), text.slice(end + 1)]
}

/** Exit codes of timeout(1): terminated (143 for busybox), or killed. */
const TIMED_OUT = [124, 137, 143]

function toStep(line: string, wanted: readonly CommandStep[]): Step {
  const [number = 0, startedAt = 0, endedAt = 0, exitCode = 0, attempts = 1] = line.split(" ").map(Number)
  const step = wanted[number]
  const seconds = (endedAt - startedAt) / 1000
  return {
    name: step?.name ?? String(number),
    command: step?.run ?? "",
    startedAt,
    endedAt,
    exitCode,
    timedOut: TIMED_OUT.includes(exitCode) && seconds >= (step?.timeout ?? 0),
    attempts,
  }
}
