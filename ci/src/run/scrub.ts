import { LOG_FILE, RESULT_FILE } from "./command.js"

/**
 * Blots the values of environment variables out of what a command left: its log and its reports. The engine does
 * so for what it shows itself, and not for files.
 *
 * Done in the container, as the values of secrets are not for the module's process; by awk, which every image has
 * that has a shell.
 *
 * @param names of the variables. The last lines of a script, after all else that writes.
 */
export function blotter(names: readonly string[]): string {
  const program = [
    `BEGIN { n = split("${names.join(" ")}", names, " ") }`,
    "{",
    "  for (i = 1; i <= n; i++) {",
    '    count = split(ENVIRON[names[i]], parts, "\\n")',
    "    for (p = 1; p <= count; p++) {",
    "      word = parts[p]",
    "      if (length(word) < 4) continue",
    '      out = ""',
    '      while (at = index($0, word)) { out = out substr($0, 1, at - 1) "***"; $0 = substr($0, at + length(word)) }',
    "      $0 = out $0",
    "    }",
    "  }",
    "  print",
    "}",
  ].join("\n")
  return [
    `for file in ${RESULT_FILE} ${LOG_FILE}; do`,
    `  LC_ALL=C awk '${program}' "$file" >"$file.clean" && mv "$file.clean" "$file" || rm -f "$file"`,
    "done",
  ].join("\n")
}
