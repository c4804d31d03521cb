import { escapeXmlAttribute } from "./clean.js"
import type { LineHits } from "./coverage-reader.js"

/** Writers of the coverage formats that CI vendors and code hosts read. Paths are relative to the project. */

const sorted = (hits: LineHits) =>
  [...hits]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, lines]) => ({ file, lines: [...lines].sort(([a], [b]) => a - b) }))

const ran = (lines: readonly (readonly [number, number])[]) => lines.filter(([, times]) => times > 0).length

/** Writes lcov, as geninfo(1) describes it. */
export const lcovText = (hits: LineHits): string =>
  sorted(hits)
    .map(({ file, lines }) =>
      [
        "TN:",
        `SF:${file}`,
        ...lines.map(([line, times]) => `DA:${line},${times}`),
        `LF:${lines.length}`,
        `LH:${ran(lines)}`,
        "end_of_record\n",
      ].join("\n"),
    )
    .join("")

/** Writes Cobertura, as its coverage-04.dtd describes it. One package: languages differ in what a package is. */
export function coberturaXml(hits: LineHits): string {
  const files = sorted(hits)
  const all = files.flatMap(({ lines }) => lines)
  const rate = (lines: readonly (readonly [number, number])[]) =>
    lines.length === 0 ? "1" : (ran(lines) / lines.length).toFixed(4)
  const branches = 'branch-rate="0" complexity="0"'
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">',
    `<coverage line-rate="${rate(all)}" lines-covered="${ran(all)}" lines-valid="${all.length}" branches-covered="0" branches-valid="0" ${branches} version="1" timestamp="0">`,
    "<sources><source>.</source></sources>",
    `<packages><package name="" line-rate="${rate(all)}" ${branches}><classes>`,
    ...files.map(({ file, lines }) => {
      const name = escapeXmlAttribute(file)
      const each = lines.map(([line, times]) => `<line number="${line}" hits="${times}"/>`).join("")
      return `<class name="${name}" filename="${name}" line-rate="${rate(lines)}" ${branches}><methods/><lines>${each}</lines></class>`
    }),
    "</classes></package></packages>",
    "</coverage>\n",
  ].join("\n")
}
