/** The sections of the report that work without its script. */

import { oneLine } from "../formats/clean.js"
import { duration, iso, plural, share, thousands, utc } from "../formats/figures.js"
import { type Html, html, type Part } from "../formats/html.js"
import { reuseText } from "../run/origin.js"
import type { RunRecord, StageRecord, Step } from "../run/result.js"
import { stageMs } from "../run/times.js"
import { logPaths } from "./evidence-paths.js"
import { causes, remainder } from "./findings.js"
import { VERDICTS } from "./labels.js"
import { failedTest, findingItem, icon, logTail, mark, section, stageName } from "./parts.js"
import { failedTests, needsLog, redStages } from "./stages.js"
import { type Totals, totals } from "./totals.js"

const SHOWN = { tests: 50, findings: 50, redLog: 200, log: 40 } as const

const LEAD: Readonly<Record<RunRecord["verdict"], (sum: Totals) => string>> = {
  passed: (sum) =>
    `${plural(sum.stages.passed, "stage")} passed${
      sum.stages.skipped > 0 ? `, ${thousands(sum.stages.skipped)} skipped` : ""
    }.`,
  failed: (sum) =>
    `${plural(sum.stages.failed, "stage")} failed${
      sum.stages.errored > 0 ? `, ${thousands(sum.stages.errored)} errored` : ""
    }.`,
  errored: (sum) =>
    `${plural(sum.stages.errored, "stage")} errored: a tool, a service or a download failed. The code was not judged.`,
  skipped: () => "No stage ran.",
}

const tile = (label: string, value: number, note: Part): Html =>
  html`<div><dt>${label}</dt><dd><b>${thousands(value)}</b>${note}</dd></div>`

const bad = (count: number, word: string): Html | null =>
  count > 0 ? html` <span class="bad">${thousands(count)} ${word}</span>` : null

const noted = (count: number, word: string): Html | null =>
  count > 0 ? html` <span>${thousands(count)} ${word}</span>` : null

function tiles(run: RunRecord): Html {
  const sum = totals(run)
  const coverage =
    sum.coverage === null
      ? null
      : html`<div><dt>Coverage</dt><dd><b>${share(sum.coverage)}</b>of lines</dd></div>`
  return html`<dl class="tiles">
${tile("Stages", run.stages.length, html`${noted(sum.cached, "cached")}${noted(sum.remembered, "remembered")}`)}
${tile("Tests", sum.tests.all, html`${bad(sum.tests.failed, "failed")}${noted(sum.tests.flaky, "flaky")}`)}
${tile("Findings", sum.findings, bad(sum.blocking, "blocking"))}
${coverage}<div><dt>Duration</dt><dd><b>${duration(run.endedAt - run.startedAt)}</b></dd></div>
</dl>`
}

/** Makes a line of what was checked, for whom and where. */
function contextLine({ context }: RunRecord): Html | null {
  const { commit, branch, tag, base, change, actor, vendor, also = [], run, attempt, url } = context
  const machine = also.length === 0 ? null : `(inside ${also.join(", ")})`
  const named = [
    vendor,
    machine,
    run === null ? null : `run ${run}`,
    attempt > 1 ? `attempt ${attempt}` : null,
  ]
  const where = oneLine(named.filter(Boolean).join(" "))
  // A link of another scheme, such as javascript:, could run code.
  const link =
    url !== null && /^https?:\/\//i.test(url)
      ? html`<a href="${url}">${where || "the run"}</a>`
      : html`${where}`
  const parts: readonly (Part | null)[] = [
    commit === null
      ? null
      : html`commit <code title="${oneLine(commit)}">${oneLine(commit).slice(0, 12)}</code>`,
    branch === null ? null : `branch ${oneLine(branch)}`,
    tag === null ? null : `tag ${oneLine(tag)}`,
    change === null ? null : `change ${oneLine(change)}`,
    base === null ? null : `compared with ${oneLine(base)}`,
    actor === null ? null : `by ${oneLine(actor)}`,
    where === "" && url === null ? null : link,
  ]
  const present = parts.filter((part) => part !== null)
  const separated = present.map((part, index) => (index === 0 ? part : [" · ", part]))
  return present.length === 0
    ? null
    : html`<p class="meta">${separated}</p>
`
}

/** Makes the header: project, verdict, totals, time, context. */
export function header(run: RunRecord): Html {
  const words = VERDICTS[run.verdict]
  return html`<header class="top v-${run.verdict}">
<div class="verdict">${icon(run.verdict)}<div>
<h1>${oneLine(run.project)} <span class="word">${words.run}</span></h1>
<p>${LEAD[run.verdict](totals(run))}</p></div></div>
${tiles(run)}
<p class="meta"><time datetime="${iso(run.startedAt)}">${utc(run.startedAt)}</time> · exit code ${run.exitCode} · Slipway ${oneLine(run.slipway)}</p>
${contextLine(run)}</header>
`
}

const more = (all: number, shown: number, what: string, id: string): Html | null =>
  all > shown ? html`<p class="meta">${thousands(all - shown)} more <a href="#${id}">${what}</a>.</p>` : null

function failure(stage: StageRecord, index: number, path: string | undefined): Html {
  const tests = failedTests(stage)
  const findings = causes(stage).slice(0, SHOWN.findings)
  const rest = remainder(stage, findings.length)
  return html`<article class="card red v-${stage.verdict}" id="why-${index}" aria-labelledby="why-${index}-title">
<h3 id="why-${index}-title">${icon(stage.verdict)}${stageName(stage.name)} <span class="word">${VERDICTS[stage.verdict].word}</span></h3>
<p class="lead">${oneLine(stage.summary, 600)}</p>
${tests.length === 0 ? null : html`<ul class="tests">${tests.slice(0, SHOWN.tests).map(failedTest)}</ul>`}
${more(tests.length, SHOWN.tests, "failed tests", "tests")}
${findings.length === 0 ? null : html`<ul class="findings">${findings.map((finding) => findingItem(stage, finding))}</ul>`}
${rest === "" ? null : html`<p class="meta"><a href="#findings">${rest}</a></p>`}
${logTail(stage, needsLog(stage) ? SHOWN.redLog : SHOWN.log, path)}
</article>
`
}

/** Makes the section of red stages, with their failed tests, findings and logs. */
export function failures(run: RunRecord): Html | null {
  const red = redStages(run)
  const paths = logPaths(run)
  const all = red.map((stage, index) => failure(stage, index, paths.get(stage.name)))
  return red.length === 0 ? null : section("failures", "What went wrong", "", html`${all}`)
}

function stepItem(step: Step): Html {
  const result = [
    step.timedOut ? "timed out" : `exit code ${step.exitCode}`,
    duration(step.endedAt - step.startedAt),
    ...(step.attempts > 1 ? [`${step.attempts} attempts`] : []),
  ].join(" · ")
  return html`<li>${mark(step.exitCode === 0 && !step.timedOut ? "passed" : "failed")}${oneLine(step.name)} <span class="meta">${result}</span>
<code class="command">${oneLine(step.command, 2000)}</code></li>
`
}

function stageDetails(stage: StageRecord, path: string | undefined): { what: string; content: Html } {
  const green = stage.verdict === "passed" || stage.verdict === "skipped"
  const steps = stage.steps.length === 0 ? null : html`<ol class="steps">${stage.steps.map(stepItem)}</ol>`
  const log = path === undefined || !green ? null : logTail(stage, SHOWN.log, path)
  const what = [...(steps ? [plural(stage.steps.length, "step")] : []), ...(log ? ["log"] : [])].join(", ")
  return { what, content: html`${steps}${log}` }
}

function stageResult(stage: StageRecord, path: string | undefined): Html {
  const { what, content } = stageDetails(stage, path)
  const reuse = reuseText(stage)
  const cached = reuse === null ? null : html` <span class="tag">${oneLine(reuse)}</span>`
  const result = html`<span class="word v-${stage.verdict}">${VERDICTS[stage.verdict].title}</span> <span class="said">${oneLine(stage.summary)}</span>${cached}`
  if (what === "") return result
  return html`<details><summary>${result} <span class="what">${what}</span></summary>${content}</details>`
}

/** Sets each role: on a phone the table is laid out as blocks, which drops its own roles. */
function stageRow(stage: StageRecord, why: number, path: string | undefined): Html {
  const ms = stageMs(stage)
  const name = why < 0 ? stageName(stage.name) : html`<a href="#why-${why}">${stageName(stage.name)}</a>`
  const took =
    ms === null ? html`<span aria-hidden="true">–</span><span class="sr">did not run</span>` : duration(ms)
  return html`<tr role="row"><th role="rowheader" scope="row">${icon(stage.verdict)}${name}</th>
<td role="cell">${stageResult(stage, path)}</td>
<td role="cell" class="num">${took}</td></tr>
`
}

const STAGES_HEAD = html`<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Stage</th><th role="columnheader" scope="col">Result</th><th role="columnheader" scope="col" class="num">Duration</th></tr></thead>`

/** Makes the table of all stages and their steps. */
export function stages(run: RunRecord): Html {
  const red = redStages(run)
  const paths = logPaths(run)
  const rows = run.stages.map((stage) => stageRow(stage, red.indexOf(stage), paths.get(stage.name)))
  const table = html`<div class="card"><table class="stages" role="table">
<caption class="sr">Stages in the order of the plan, with result and duration</caption>
${STAGES_HEAD}
<tbody role="rowgroup">${rows}</tbody></table></div>`
  return section("stages", "Stages", thousands(run.stages.length), table)
}
