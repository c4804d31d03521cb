/** CloudWatch: alarms and metrics have the states and values of the scenario. */
import { type Fields, fieldsOf, numberOr, records, text, textOr, texts, without } from "../fields.ts"
import { arn } from "../ids.ts"
import { looks, mutates, type Operations, when } from "../operation.ts"
import { type State, second } from "../state.ts"
import { isOfGroup, trafficValue } from "./traffic-metrics.ts"

const isIn = (names: readonly string[], prefix: string | null, name: string): boolean =>
  (names.length === 0 || names.includes(name)) && (prefix === null || name.startsWith(prefix))

function alarmShape(state: State, name: string): Fields {
  const settings = state.metricAlarms.find((alarm) => alarm.AlarmName === name) ?? {}
  return {
    Namespace: "AWS/ApplicationELB",
    MetricName: "HTTPCode_Target_5XX_Count",
    Statistic: "Sum",
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 5,
    ComparisonOperator: "GreaterThanThreshold",
    ActionsEnabled: true,
    ...settings,
    AlarmName: name,
    AlarmArn: arn(state.world, "cloudwatch", `alarm:${name}`),
    StateValue: state.alarms[name],
    StateReason: state.alarms[name] === "ALARM" ? "Threshold Crossed" : "Unchecked: Initial alarm creation",
    StateUpdatedTimestamp: when(state.now),
  }
}

/** Returns the name of a query's metric, or its expression. */
const metricOf = (query: Fields): string =>
  textOr(fieldsOf(fieldsOf(query, "MetricStat"), "Metric"), "MetricName", textOr(query, "Expression", ""))

/** Reads a time in seconds (JSON) or ISO 8601 (form). @returns milliseconds. */
function timeOf(input: Fields, key: string, otherwise: number): number {
  const seconds = numberOr(input, key, null)
  return seconds === null
    ? Date.parse(textOr(input, key, new Date(otherwise).toISOString()))
    : seconds * second
}

/** Maximum number of points in a response. */
const POINTS = 100

function reported(state: State, metric: Fields, name: string): number | null | undefined {
  if (isOfGroup(metric)) return trafficValue(state, metric, name)
  const { metrics } = state.scenario
  return name in metrics ? metrics[name] : metrics["*"]
}

function result(state: State, input: Fields, query: Fields): Fields {
  const name = metricOf(query)
  const value = reported(state, fieldsOf(fieldsOf(query, "MetricStat"), "Metric"), name)
  const period = numberOr(fieldsOf(query, "MetricStat"), "Period", 60) * second
  const end = timeOf(input, "EndTime", state.now)
  const start = timeOf(input, "StartTime", end - period)
  const count = Math.min(POINTS, Math.max(1, Math.floor((end - start) / period)))
  const times = Array.from({ length: count }, (_, index) => new Date(end - (index + 1) * period))
  const known = value !== null && value !== undefined
  return {
    Id: text(query, "Id"),
    Label: textOr(query, "Label", name),
    Timestamps: known ? times : [],
    Values: known ? times.map(() => value) : [],
    StatusCode: "Complete",
  }
}

export const cloudwatch: Operations = {
  DescribeAlarms: looks((state, input) => {
    const names = texts(input, "AlarmNames")
    const prefix = textOr(input, "AlarmNamePrefix", null)
    const wanted = textOr(input, "StateValue", null)
    const shown = Object.entries(state.alarms)
      .filter(([name, value]) => isIn(names, prefix, name) && (wanted === null || wanted === value))
      .map(([name]) => alarmShape(state, name))
    return { MetricAlarms: shown, CompositeAlarms: [] }
  }),
  PutMetricAlarm: mutates((state, input) => {
    const name = text(input, "AlarmName")
    const others = state.metricAlarms.filter((alarm) => alarm.AlarmName !== name)
    const alarm = without(input, "Tags")
    const alarms = { ...state.alarms, [name]: state.alarms[name] ?? ("INSUFFICIENT_DATA" as const) }
    return { state: { ...state, alarms, metricAlarms: [...others, alarm] }, output: {} }
  }),
  GetMetricData: looks((state, input) => ({
    MetricDataResults: records(input, "MetricDataQueries")
      .filter((query) => query.ReturnData !== false && query.ReturnData !== "false")
      .map((query) => result(state, input, query)),
    Messages: [],
  })),
  PutAnomalyDetector: mutates((state, input) => {
    const same = JSON.stringify(input)
    const others = state.anomalyDetectors.filter((detector) => JSON.stringify(detector) !== same)
    return { state: { ...state, anomalyDetectors: [...others, input] }, output: {} }
  }),
  DescribeAnomalyDetectors: looks((state) => ({
    AnomalyDetectors: state.anomalyDetectors.map((detector) => ({
      ...detector,
      StateValue: "PENDING_TRAINING",
    })),
  })),
}
