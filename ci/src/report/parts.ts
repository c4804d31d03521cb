/** Parts that several sections of the report share. */

import { clean, lastLines, oneLine, truncate } from "../formats/clean.js"
import { thousands } from "../formats/figures.js"
import { type Html, html, trusted } from "../formats/html.js"
import type { Finding, StageRecord, TestCase, Verdict } from "../run/result.js"
import { facts, place, toolsOf } from "./findings.js"
import { VERDICTS } from "./labels.js"

const SHAPES: Readonly<Record<Verdict, string>> = {
  passed: '<path d="M4.6 8.4 7 10.8l4.5-5.2"/>',
  failed: '<path d="m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2"/>',
  errored: '<path d="M8 4.3v4.4m0 2.6v.1"/>',
  skipped: '<path d="M5 8h6"/>',
}

/** The symbols of the verdicts. A page has them once; {@link icon} refers to them. */
export const SYMBOLS: Html = trusted(
  `<svg width="0" height="0" aria-hidden="true" class="symbols">${Object.entries(SHAPES)
    .map(
      ([verdict, path]) =>
        `<symbol id="i-${verdict}" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8"/>${path}</symbol>`,
    )
    .join("")}</svg>`,
)

/** Makes a verdict's symbol, hidden from screen readers: the word must be beside it. */
export function icon(verdict: Verdict): Html {
  return html`<svg class="icon v-${verdict}" aria-hidden="true"><use href="#i-${verdict}"/></svg>`
}

/** Makes a verdict's symbol, with its word for screen readers. */
export function mark(verdict: Verdict): Html {
  return html`${icon(verdict)}<span class="sr">${VERDICTS[verdict].title}: </span>`
}

/** Makes a stage's name that can wrap after a colon. */
export function stageName(name: string): Html {
  const [first = "", ...others] = oneLine(name).split(":")
  const breaking = others.map((part) => html`:<wbr>${part}`)
  return html`${first}${breaking}`
}

/** Makes a section of the page, with its heading. */
export function section(id: string, title: string, note: string, content: Html): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}${note === "" ? null : html` <span class="note">${note}</span>`}</h2>
${content}
</section>
`
}

const MESSAGE_LIMIT = 4000

/** Makes a list item of a failed test and its message. */
export function failedTest(test: TestCase): Html {
  const message = truncate(clean(test.message ?? "").trim(), MESSAGE_LIMIT)
  const suite =
    test.suite === ""
      ? null
      : html`<span class="suite">${oneLine(test.suite)} <span aria-hidden="true">›</span> </span>`
  return html`<li>
<p>${mark("failed")}${suite}<strong>${oneLine(test.name)}</strong>${test.file === null ? null : html` <code class="where">${oneLine(test.file)}</code>`}</p>
${message === "" ? null : html`<pre class="message">${message}</pre>`}
</li>
`
}

/** Makes a list item of a finding. */
export function findingItem(stage: StageRecord, finding: Finding): Html {
  const where = place(finding)
  const aliases = finding.vulnerability?.aliases ?? []
  const shownFacts = [...aliases, ...facts(finding)].map(
    (fact) => html` <span class="fact">${oneLine(fact, 300)}</span>`,
  )
  const foundBy = finding.tools
    ? html` <span class="fact">found by ${toolsOf(stage, finding).join(", ")}</span>`
    : null
  return html`<li class="finding"><span class="severity s-${finding.severity}">${finding.severity}</span>
<div><p>${oneLine(finding.message, 600)}</p>
<p class="meta"><code>${oneLine(finding.rule)}</code>${where === "" ? null : html` <code class="where">${oneLine(where)}</code>`}${shownFacts}${foundBy}</p></div></li>
`
}

/** Makes the end of a stage's log; nothing for an empty log. It scrolls, so it can be focused. */
export function logTail(stage: StageRecord, count: number, path: string | undefined): Html {
  const lines = lastLines(stage.log.text, count)
  if (lines.length === 0) return html``
  const of =
    stage.log.lines > lines.length
      ? `last ${thousands(lines.length)} of ${thousands(stage.log.lines)} lines`
      : "complete"
  const link = path === undefined ? null : html` · <a href="${encodeURI(path)}">${path}</a>`
  return html`<figure class="log"><figcaption>Log, ${of}${link}</figcaption>
<div class="tail" tabindex="0" role="group" aria-label="Log of ${oneLine(stage.name)}"><pre>${lines.join("\n")}</pre></div></figure>
`
}
