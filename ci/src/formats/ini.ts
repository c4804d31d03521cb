/** The sections of an INI file, by name; each with its values by their keys. A value of several lines has them all. */
export type Ini = Readonly<Record<string, Readonly<Record<string, string>>>>

const HEADER = /^\[(.+)\]\s*$/
const SETTING = /^([^\s=:#;[][^=:]*?)\s*[=:]\s*(.*)$/

/**
 * Reads an INI file as Python's configparser does: a value goes on in lines that are indented, a line that begins with `#`
 * or `;` is a comment.
 *
 * @see https://docs.python.org/3/library/configparser.html#supported-ini-file-structure
 */
export function readIni(text: string): Ini {
  const sections: Record<string, Record<string, string>> = {}
  let [section, key] = ["", ""]
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*[#;]/.test(line)) continue
    const header = HEADER.exec(line)?.[1]
    const [, name, value = ""] = SETTING.exec(line) ?? []
    if (header !== undefined) [section, key] = [header, ""]
    const own = sections[section] ?? {}
    sections[section] = own
    if (header !== undefined) continue
    if (name !== undefined) {
      key = name
      own[key] = value
    } else if (/^\s+\S/.test(line) && key !== "") own[key] += `\n${line.trim()}`
  }
  return sections
}
