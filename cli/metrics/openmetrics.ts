import type { Metrics } from "./metrics.js"
import type { Spread } from "./statistics.js"

/** A family of metrics as OpenMetrics has them. */
interface Family {
  readonly name: string
  readonly type: "counter" | "gauge" | "summary"
  readonly unit?: "seconds" | "ratio"
  readonly help: string
  readonly samples: readonly Sample[]
}

interface Sample {
  /** After the family's name: `_total`, `_sum`. */
  readonly suffix: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

type Labels = Sample["labels"]

const gauge = (labels: Labels, value: number | null): readonly Sample[] =>
  value === null ? [] : [{ suffix: "", labels, value }]

const total = (labels: Labels, value: number): Sample => ({ suffix: "_total", labels, value })

/** Seconds of milliseconds. */
const summary = (labels: Labels, spread: Spread | null): readonly Sample[] =>
  spread === null
    ? []
    : [
        { suffix: "", labels: { ...labels, quantile: "0.5" }, value: spread.median / 1000 },
        { suffix: "", labels: { ...labels, quantile: "0.95" }, value: spread.p95 / 1000 },
        { suffix: "_count", labels, value: spread.count },
        { suffix: "_sum", labels, value: spread.sum / 1000 },
      ]

/** How runs end. */
const ofRuns = ({ success }: Metrics): readonly Family[] => [
  {
    name: "slipway_runs",
    type: "counter",
    help: "Runs by how they ended: passed, code, infrastructure, skipped.",
    samples: (["passed", "code", "infrastructure", "skipped"] as const).map((end) =>
      total({ end }, success[end]),
    ),
  },
  {
    name: "slipway_success_ratio",
    type: "gauge",
    unit: "ratio",
    help: "Passed runs among those that found nothing wrong with the code.",
    samples: gauge({}, success.rate),
  },
]

/** How long stages take, and how far their results can be relied on. */
const ofStages = ({ durations, flaky, remembered }: Metrics): readonly Family[] => [
  {
    name: "slipway_duration_seconds",
    type: "summary",
    unit: "seconds",
    help: "How long stages take, and whole runs.",
    samples: durations.flatMap(({ name, spread }) => summary({ stage: name }, spread)),
  },
  {
    name: "slipway_duration_trend_seconds",
    type: "gauge",
    unit: "seconds",
    help: "Change of the duration in 30 days, where there is a trend.",
    samples: durations.flatMap(({ name, trend }) =>
      gauge({ stage: name }, trend === null ? null : trend / 1000),
    ),
  },
  {
    name: "slipway_flaky_test_runs",
    type: "counter",
    help: "Runs in which a test failed by chance.",
    samples: flaky.map(({ stage, suite, name, file, owners, times }) =>
      total({ stage, suite, test: name, file: file ?? "", owner: owners.join(" ") }, times),
    ),
  },
  {
    name: "slipway_remembered_ratio",
    type: "gauge",
    unit: "ratio",
    help: "Stages whose result was remembered.",
    samples: gauge({}, remembered.share),
  },
]

/** The four keys of deployments. */
const ofDeployments = ({ deployments }: Metrics): readonly Family[] => [
  {
    name: "slipway_deployments",
    type: "counter",
    help: "Releases by environment and outcome.",
    samples: deployments.flatMap(({ environment, succeeded, deployments: all }) => [
      total({ environment, outcome: "succeeded" }, succeeded),
      total({ environment, outcome: "failed" }, all - succeeded),
    ]),
  },
  {
    name: "slipway_change_failure_ratio",
    type: "gauge",
    unit: "ratio",
    help: "Releases that failed or were taken back.",
    samples: deployments.flatMap(({ environment, changeFailureRate }) =>
      gauge({ environment }, changeFailureRate),
    ),
  },
  {
    name: "slipway_recovery_seconds",
    type: "summary",
    unit: "seconds",
    help: "From a failure until a good release is live.",
    samples: deployments.flatMap(({ environment, recovery }) => summary({ environment }, recovery)),
  },
  {
    name: "slipway_lead_time_seconds",
    type: "summary",
    unit: "seconds",
    help: "From a commit to its release.",
    samples: deployments.flatMap(({ environment, leadTime }) => summary({ environment }, leadTime)),
  },
]

const ofEvidence = ({ cost, unread }: Metrics): readonly Family[] => [
  {
    name: "slipway_cost",
    type: "counter",
    help: "Cost of runs by the price table of slipway.yaml.",
    samples: Object.entries(cost?.byVendor ?? {}).map(([vendor, value]) =>
      total({ vendor, currency: cost?.currency ?? "" }, value),
    ),
  },
  {
    name: "slipway_unread_files",
    type: "gauge",
    help: "Files of evidence that could not be read.",
    samples: gauge({}, unread.length),
  },
]

const FAMILIES = [ofRuns, ofStages, ofDeployments, ofEvidence]

const escaped = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"')

function sampleLine(name: string, { suffix, labels, value }: Sample): string {
  const all = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`)
  const inBraces = all.length === 0 ? "" : `{${all.join(",")}}`
  return `${name}${suffix}${inBraces} ${value}`
}

/**
 * Writes metrics as an exposition.
 *
 * @see https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
 */
export function openMetrics(metrics: Metrics): string {
  const lines = FAMILIES.flatMap((families) => families(metrics))
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, type, unit, help, samples }) => [
      `# TYPE ${name} ${type}`,
      ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
      `# HELP ${name} ${escaped(help)}`,
      ...samples.map((sample) => sampleLine(name, sample)),
    ])
  return `${[...lines, "# EOF"].join("\n")}\n`
}
