/** CloudWatch alarms, metrics and anomaly detectors. */
import {
  type CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  PutAnomalyDetectorCommand,
} from "@aws-sdk/client-cloudwatch"
import type { Clock } from "../core/clock.ts"
import type { Detector, Metric } from "../environment.ts"
import { call } from "./retry.ts"

const dimensionsOf = (dimensions: Readonly<Record<string, string>>) =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))

/** Returns the states of alarms by name: `OK`, `ALARM`, `INSUFFICIENT_DATA`. Missing alarms are left out. */
export async function alarmStates(
  cloudwatch: CloudWatchClient,
  clock: Clock,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (names.length === 0) return new Map()
  const { MetricAlarms = [], CompositeAlarms = [] } = await call(clock, "CloudWatch DescribeAlarms", () =>
    cloudwatch.send(
      new DescribeAlarmsCommand({ AlarmNames: [...names], AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
    ),
  )
  return new Map(
    [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName, StateValue }) => [
      AlarmName ?? "",
      StateValue ?? "",
    ]),
  )
}

/** Shortest period of standard-resolution metrics, in seconds. */
const PERIOD_S = 60

/** Returns one value of a metric for a time range; null: no data. */
export async function metricValue(
  cloudwatch: CloudWatchClient,
  clock: Clock,
  metric: Pick<Metric, "namespace" | "metric" | "statistic" | "dimensions">,
  range: { readonly from: number; readonly to: number },
): Promise<number | null> {
  const seconds = Math.max(PERIOD_S, Math.ceil((range.to - range.from) / 1000 / PERIOD_S) * PERIOD_S)
  const { MetricDataResults } = await call(clock, "CloudWatch GetMetricData", () =>
    cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(range.to - seconds * 1000),
        EndTime: new Date(range.to),
        ScanBy: "TimestampDescending",
        MetricDataQueries: [
          {
            Id: "value",
            MetricStat: {
              Metric: {
                Namespace: metric.namespace,
                MetricName: metric.metric,
                Dimensions: dimensionsOf(metric.dimensions),
              },
              Period: seconds,
              Stat: metric.statistic,
            },
          },
        ],
      }),
    ),
  )
  return MetricDataResults?.[0]?.Values?.[0] ?? null
}

/** Creates an anomaly detector unless it exists. */
export async function putDetector(
  cloudwatch: CloudWatchClient,
  clock: Clock,
  detector: Detector,
): Promise<void> {
  await call(clock, "CloudWatch PutAnomalyDetector", () =>
    cloudwatch.send(
      new PutAnomalyDetectorCommand({
        SingleMetricAnomalyDetector: {
          Namespace: detector.namespace,
          MetricName: detector.metric,
          Stat: detector.statistic,
          Dimensions: dimensionsOf(detector.dimensions),
        },
      }),
    ),
  )
}
