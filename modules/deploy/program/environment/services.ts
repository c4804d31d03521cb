/** Services and migrations of an environment. This file and its copy differ in their imports alone. */
import * as z from "zod/mini"
import { about, INSIDE, keyed, list, orNull, text, whole } from "./parts.ts"

/** A number from `low` to `high`, with or without decimals. */
export const between = (expected: string, low: number, high: number) =>
  z.number(expected).check(z.gte(low, expected), z.lte(high, expected))

/** The name of something at AWS, by the rule of ECS for clusters, services and families. */
export const awsName = () =>
  text(
    "letters, digits, dashes and underscores, a letter or digit first",
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$/,
  )
/** An ARN, of any service. */
export const arn = () => text('an ARN such as "arn:aws:…"', /^arn:/)
/** Minutes, up to a day. */
export const minutes = () => {
  const expected = "minutes: a number above 0, up to 1440"
  return z.number(expected).check(z.positive(expected), z.lte(1440, expected))
}

/** The error of a map whose key `kind` says which one it is. */
export const kinds =
  (...names: readonly string[]) =>
  (issue: z.core.$ZodRawIssue): string =>
    issue.code === "invalid_union" ? names.join(", ") : `a map with a kind: ${names.join(", ")}`

const percent = () => between("a percentage from 0.1 to 100", 0.1, 100)
const bakeMinutes = () => whole("minutes: a whole number from 0 to 1440", 0, 1440)

/** An absolute URL. */
export const url = () => z.url('an address such as "https://app.example.org/health"')

const check = () =>
  keyed({
    url: url(),
    attempts: z._default(whole("a whole number from 1 to 1000", 1, 1000), 10),
    intervalSeconds: z._default(between("seconds: a number above 0, up to 3600", 0.001, 3600), 30),
    status: z._default(whole("a status from 100 to 599", 100, 599), 200),
    contains: about("Text that the response must contain.", orNull(z.string("text"))),
  })
/** URLs that must answer as expected. */
export const checks = () => list(check(), "a list of checks")

/** How a service's tasks are replaced: ECS's own strategies, and their numbers. */
const strategy = () =>
  z.discriminatedUnion(
    "kind",
    [
      keyed({
        kind: z.literal("rolling"),
        minimumHealthyPercent: z._default(whole("a percentage from 0 to 100", 0, 100), 100),
        maximumPercent: z._default(whole("a percentage from 100 to 400", 100, 400), 200),
      }),
      keyed({ kind: z.literal("blue-green"), bakeMinutes: z._default(bakeMinutes(), 0) }),
      keyed({
        kind: z.literal("canary"),
        percent: percent(),
        canaryBakeMinutes: bakeMinutes(),
        bakeMinutes: z._default(bakeMinutes(), 0),
      }),
      keyed({
        kind: z.literal("linear"),
        stepPercent: between("a percentage from 3 to 100", 3, 100),
        stepBakeMinutes: bakeMinutes(),
        bakeMinutes: z._default(bakeMinutes(), 0),
      }),
    ],
    { error: kinds("rolling", "blue-green", "canary", "linear") },
  )

const pause = () =>
  keyed({
    before: z.enum(["production-traffic", "clean-up"], "production-traffic or clean-up"),
    timeoutMinutes: z._default(whole("minutes: a whole number from 1 to 20160", 1, 20160), 1440),
    otherwise: about(
      "What ECS does when nobody answers.",
      z._default(z.enum(["continue", "rollback"], "continue or rollback"), "rollback"),
    ),
  })

const limit = (text: string) => about(text, orNull(z.number("a number")))

const analysisMetric = () =>
  keyed({
    metric: about(
      "5xx-rate and 4xx-rate: percent of the responses; latency: seconds.",
      z.enum(["5xx-rate", "4xx-rate", "latency"], "5xx-rate, 4xx-rate or latency"),
    ),
    statistic: about("Of latency.", z._default(z.string("a statistic such as p95"), "p95")),
    below: limit("The canary's limit."),
    ratio: limit("Its limit as a multiple of the baseline …"),
    margin: limit("… and what is added to that."),
  }).check(
    z.refine(({ below, ratio, margin }) => below !== null || ratio !== null || margin !== null, {
      error: "a limit: below, ratio or margin",
    }),
  )

/** The analysis of each step; its numbers have the names of Argo Rollouts. */
const analysis = () =>
  keyed({
    interval: about(
      "Between two measurements, and how long each looks back.",
      z._default(text("minutes or hours, such as 1m or 1h", /^[1-9]\d{0,3}[mh]$/), "1m"),
    ),
    count: z._default(whole("a whole number from 1 to 1000", 1, 1000), 5),
    failureLimit: about(
      "How many measurements may fail.",
      z._default(whole("a whole number from 0 to 1000", 0, 1000), 0),
    ),
    inconclusiveLimit: about(
      "How many measurements may have no result.",
      z._default(whole("a whole number from 0 to 1000", 0, 1000), 0),
    ),
    minRequests: about(
      "Fewer requests in an interval have no result.",
      z._default(whole("a whole number from 1 to 1000000", 1, 1_000_000), 20),
    ),
    timeoutMinutes: about(
      "How long ECS waits for the result of a step, or for an answer; then it rolls back.",
      z._default(whole("minutes: a whole number from 1 to 20160", 1, 20160), 1440),
    ),
    metrics: z.array(analysisMetric(), "a list of metrics").check(z.minLength(1, "at least one metric")),
  })

const testTraffic = () =>
  keyed({
    checks: z.array(check(), "a list of checks").check(z.minLength(1, "at least one check")),
    timeoutMinutes: about(
      "How long ECS waits for the result, or for an answer; then it rolls back.",
      z._default(whole("minutes: a whole number from 1 to 20160", 1, 20160), 1440),
    ),
  })

/** The path of a file, relative to the project and never out of it. */
export const projectFile = () => text("a file in the project, relative to it", INSIDE)

const definitionRule = () =>
  z.union([z.enum(["latest", "live"]), keyed({ file: projectFile() })], "latest, live, or { file: … }")

const serviceKeys = () => ({
  name: about("The ECS service.", awsName()),
  container: about("The container whose image changes; sidecars stay as they are.", awsName()),
  image: about("The name of the image: its workspace, or the end of its repository.", text("a name")),
  strategy: about(
    "How its tasks are replaced.",
    z._default(strategy(), { kind: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 }),
  ),
  pause: about("ECS waits here until someone answers.", orNull(pause())),
  testTraffic: about("Checks on the test listener, before users get the new tasks.", orNull(testTraffic())),
  analysis: about(
    "How the new tasks are compared with the old ones before each further step of canary or linear.",
    orNull(analysis()),
  ),
  targetGroup: about(
    "The target group whose targets must be healthy; those of the service otherwise.",
    orNull(arn()),
  ),
  taskDefinition: about(
    "What the next revision is made from: latest, what others registered since (Terraform); live; or a file.",
    z._default(definitionRule(), "latest"),
  ),
  rollout: about(
    "When it is deployed: changed, if its image or its definition changed; always, so that tasks read rotated secrets.",
    z._default(z.enum(["changed", "always"], "changed or always"), "changed"),
  ),
  timeoutMinutes: about(
    "How long the deployer watches; the rollout itself goes on.",
    z._default(minutes(), 60),
  ),
})

/** A service of ECS, and how it is deployed. */
export const service = () =>
  keyed(serviceKeys()).check(
    z.refine(({ analysis, strategy }) => analysis === null || "canary linear".includes(strategy.kind), {
      error: "a strategy with steps for an analysis: canary or linear",
      path: ["strategy"],
    }),
    z.refine(({ testTraffic, strategy }) => testTraffic === null || strategy.kind !== "rolling", {
      error: "a strategy with test traffic: blue-green, canary or linear",
      path: ["strategy"],
    }),
    z.refine(({ analysis, pause }) => analysis === null || pause?.before !== "production-traffic", {
      error: "clean-up: the analysis answers before production-traffic",
      path: ["pause", "before"],
    }),
  )

/** The task that migrates the database before services are deployed. */
export const migration = () =>
  keyed({
    service: about(
      "The service of this environment whose new revision runs the migration …",
      orNull(awsName()),
    ),
    family: about("… or the family of task definitions that runs it.", orNull(awsName())),
    container: awsName(),
    image: about(
      "The name of the image; with a service, that service's.",
      orNull(z.string("the name of an image")),
    ),
    command: about(
      "The command instead of the task definition's, word by word.",
      orNull(z.array(z.string("a word"), "a list of words")),
    ),
    phase: about(
      "A contract migration takes away what older releases need: no rollback goes below it.",
      z.enum(["expand", "contract"], "expand or contract"),
    ),
    compatible: about(
      "required: deploys only with a passed result of `compatible`, which tries the live release on the migrated schema.",
      z._default(z.enum(["optional", "required"], "optional or required"), "optional"),
    ),
    timeoutMinutes: z._default(minutes(), 15),
    placementMinutes: z._default(minutes(), 5),
    launchType: z._default(z.enum(["FARGATE", "EC2"], "FARGATE or EC2"), "FARGATE"),
    subnets: list(z.string("a subnet"), "a list of subnets"),
    securityGroups: list(z.string("a security group"), "a list of security groups"),
    assignPublicIp: z._default(z.boolean("true or false"), false),
  })
