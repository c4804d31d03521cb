import { createHash } from "node:crypto"
import { jsonForScript, oneLine } from "../formats/clean.js"
import { type Html, html, trusted } from "../formats/html.js"
import type { RunRecord } from "../run/result.js"
import { reportData } from "./data.js"
import { VERDICTS } from "./labels.js"
import { coverageSection, findingsSection, testsSection } from "./lists.js"
import { SCRIPT, STYLE } from "./page.generated.js"
import { SYMBOLS } from "./parts.js"
import { failures, header, stages } from "./sections.js"
import { evidenceList, images, lookedSection, measuresSection } from "./tables.js"
import { timelineSection } from "./timeline-section.js"

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

/** Blocks every request, and every script and style but the page's own, whatever a test's name holds. */
const POLICY = [
  "default-src 'none'",
  `style-src ${hash(STYLE)}`,
  `script-src ${hash(SCRIPT)}`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ")

const ICON_COLOURS: Readonly<Record<RunRecord["verdict"], string>> = {
  passed: "#18733a",
  failed: "#c0212b",
  errored: "#b87400",
  skipped: "#5f6875",
}

/** Makes a tab icon in the verdict's colour. Without one, browsers would request /favicon.ico. */
function tabIcon(run: RunRecord): string {
  const circle = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${ICON_COLOURS[run.verdict]}"/></svg>`
  return `data:image/svg+xml,${encodeURIComponent(circle)}`
}

interface Section {
  readonly id: string
  readonly title: string
  readonly content: Html | null
}

function sections(run: RunRecord, files: readonly string[]): readonly Section[] {
  return [
    { id: "failures", title: "What went wrong", content: failures(run) },
    { id: "timeline", title: "Timeline", content: timelineSection(run) },
    { id: "stages", title: "Stages", content: stages(run) },
    { id: "tests", title: "Tests", content: testsSection(run) },
    { id: "findings", title: "Findings", content: findingsSection(run) },
    { id: "looked", title: "Tools", content: lookedSection(run) },
    { id: "coverage", title: "Coverage", content: coverageSection(run) },
    { id: "measures", title: "Measures", content: measuresSection(run) },
    { id: "images", title: "Images", content: images(run) },
    { id: "evidence", title: "Evidence", content: evidenceList(run, files) },
  ].filter(({ content }) => content !== null)
}

function head(run: RunRecord): Html {
  const { symbol, run: words } = VERDICTS[run.verdict]
  return html`<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${symbol} ${oneLine(run.project)} ${words} · Slipway</title>
<link rel="icon" href="${tabIcon(run)}">
<style>${trusted(STYLE)}</style>
</head>`
}

/**
 * Writes the run as one HTML page, which needs no network and no other file. Verdict, failures and stages work without
 * JavaScript; the lists of all tests, findings and covered files need it.
 *
 * @param files paths of evidence in addition to the files of every run.
 */
export function reportHtml(run: RunRecord, files: readonly string[] = []): string {
  const parts = sections(run, files)
  const links = parts.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)
  return html`<!DOCTYPE html>
<html lang="en">
${head(run)}
<body>
<a class="skip" href="#main">Skip to the result</a>
${SYMBOLS}<div class="page">
${header(run)}
<nav aria-label="Sections of this report"><ul>${links}</ul></nav>
<main id="main" tabindex="-1">
${parts.map(({ content }) => content)}</main>
</div>
<script type="application/json" id="data">${trusted(jsonForScript(reportData(run)))}</script>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.markup
}
