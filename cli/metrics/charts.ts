/** Charts as SVG by hand. Places are per cent of the width: the page's security policy forbids inline styles. */
import { duration, plural } from "../../ci/src/formats/figures.js"
import { type Html, html } from "../../ci/src/formats/html.js"
import { day } from "./figures.js"
import { type ChangePoint, DAY_MS, dailyMedians, type Sample, type Span } from "./statistics.js"

/** Height of a chart in pixels, and of what is drawn in it. */
const HEIGHT = 120
const TOP = 14

const percent = (share: number): string => `${(Math.min(1, Math.max(0, share)) * 100).toFixed(2)}%`
const up = (share: number): string => (HEIGHT - share * (HEIGHT - TOP)).toFixed(1)
const at = (time: number, { from, until }: Span): number => (time - from) / Math.max(1, until - from)

const axis = ({ from, until }: Span): Html =>
  html`<p class="axis-days meta" aria-hidden="true"><span>${day(from)}</span><span>${day(until)}</span></p>`

const frame = (label: string, most: string, span: Span, content: readonly Html[]): Html =>
  html`<figure class="chart"><svg role="img" aria-label="${label}"><line class="grid" x1="0" x2="100%" y1="${TOP}" y2="${TOP}"/><line class="grid" x1="0" x2="100%" y1="${HEIGHT}" y2="${HEIGHT}"/><text x="0" y="10">${most}</text>${content}</svg>${axis(span)}</figure>
`

/** A kind of event that bars count. It has the colour of a verdict. */
export interface Kind {
  readonly verdict: "passed" | "failed" | "errored"
  readonly word: string
}

/** Days above which bars are weeks. */
const MOST_DAYS = 92

/** Draws the number of events of each kind by day or week, as stacked bars. */
export function stackedBars(
  what: string,
  kinds: readonly Kind[],
  events: readonly { readonly at: number; readonly kind: Kind }[],
  span: Span,
): Html {
  const step = (span.until - span.from) / DAY_MS > MOST_DAYS ? 7 * DAY_MS : DAY_MS
  const from = Math.floor(span.from / DAY_MS) * DAY_MS
  const count = Math.max(1, Math.ceil((span.until - from + 1) / step))
  const bins = Array.from({ length: count }, () => kinds.map(() => 0))
  for (const event of events) {
    const bin = bins[Math.floor((event.at - from) / step)]
    const index = kinds.indexOf(event.kind)
    if (bin) bin[index] = (bin[index] ?? 0) + 1
  }
  const most = bins.reduce((max, bin) => Math.max(max, total(bin)), 1)
  const bars = bins.map((bin, index) => bar(bin, kinds, most, index / count, 1 / count, from + index * step))
  const unit = step === DAY_MS ? "day" : "week"
  const sums = kinds.map((kind, i) => `${total(bins.map((bin) => bin[i] ?? 0))} ${kind.word}`)
  const label = `${what} by ${unit}: ${sums.join(", ")}`
  return frame(label, `${most} a ${unit}`, { from, until: from + count * step - 1 }, bars)
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0)

function bar(
  bin: readonly number[],
  kinds: readonly Kind[],
  most: number,
  x: number,
  width: number,
  time: number,
): Html {
  const counts = bin.map((count, index) => `${count} ${kinds[index]?.word}`)
  const tip = `${day(time)}: ${counts.join(", ")}`
  const parts = bin.flatMap((count, index) => {
    const below = total(bin.slice(0, index))
    if (count === 0) return []
    const height = ((count / most) * (HEIGHT - TOP)).toFixed(1)
    return [
      html`<rect class="v-${kinds[index]?.verdict ?? "passed"}" x="${percent(x + width * 0.1)}" y="${up((below + count) / most)}" width="${percent(width * 0.8)}" height="${height}"/>`,
    ]
  })
  return html`<g><title>${tip}</title>${parts}</g>`
}

/** Draws the median of each day, and where its level changed. */
export function durationChart(
  name: string,
  samples: readonly Sample[],
  changes: readonly ChangePoint[],
  span: Span,
): Html {
  const days = dailyMedians(samples)
  const most = days.reduce((max, { value }) => Math.max(max, value), 1)
  const place = ({ at: time, value }: Sample) => ({
    x: percent(at(time + DAY_MS / 2, span)),
    y: up(value / most),
  })
  const lines = days.slice(1).map((to, index) => {
    const [a, b] = [place(days[index] ?? to), place(to)]
    return html`<line class="line" x1="${a.x}" y1="${a.y}" x2="${b.x}" y2="${b.y}"/>`
  })
  const dots = days.map((one) => {
    const { x, y } = place(one)
    return html`<circle cx="${x}" cy="${y}" r="2.5"><title>${day(one.at)}: ${duration(one.value)}</title></circle>`
  })
  const marks = changes.map(({ at: time, before, after }) => {
    const x = percent(at(time, span))
    return html`<line class="change ${after > before ? "v-failed" : "v-passed"}" x1="${x}" x2="${x}" y1="0" y2="${HEIGHT}"><title>${day(time)}: ${duration(before)} → ${duration(after)}</title></line>`
  })
  const label = `${name}: the median of ${plural(days.length, "day")}, at most ${duration(most)}`
  return frame(label, duration(most), span, [...marks, ...lines, ...dots])
}
