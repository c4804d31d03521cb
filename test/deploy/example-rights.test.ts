/** The example app's own configuration and policy, against a simulator that enforces them as AWS does. */
import * as fs from "node:fs"
import * as path from "node:path"
import { expect, test } from "vitest"
import { parse } from "yaml"
import { filledJson } from "../../ci/src/deploy/filled-json.ts"
import { rehearsalOf } from "../../ci/src/deploy/rehearsal.ts"
import { parseWorld } from "../../modules/aws-simulator/program/read-world.ts"
import type { Scenario } from "../../modules/aws-simulator/program/scenario.ts"
import { webIdentity } from "../../modules/deploy/program/aws/clients.ts"
import { type Changes, commit, requestInput, run, simulateWorld } from "./rehearsal.ts"

const EXAMPLE = "examples/medflow"
const POLICY = "infra/policies/deploy.json"
const TEXT = fs.readFileSync(path.join(EXAMPLE, POLICY), "utf8")
const { environments } = parse(fs.readFileSync(path.join(EXAMPLE, "slipway.yaml"), "utf8"))

/** An unsigned token in the form of a CI vendor's. */
const TOKEN = [{ alg: "none" }, { sub: "rehearsal" }, {}]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .join(".")

type Rehearsal = NonNullable<ReturnType<typeof rehearsalOf>>

/** Makes the times to wait short: they need no rights. */
const short = (environment: typeof environments.staging): typeof environments.staging =>
  JSON.parse(JSON.stringify(environment), (key, value) =>
    /[mM]inutes$/.test(key) && key !== "sessionMinutes" && value > 1 ? 1 : value,
  )

/** Starts the simulator with the account that the example rehearses in. */
async function simulateExample(
  scenario: string | Partial<Scenario>,
  rehearsal: Rehearsal,
  configuration: object,
) {
  const world = parseWorld(JSON.stringify(rehearsal.world), "the example")
  const services = world.services.map((one) => ({
    ...one,
    deploymentConfiguration: { ...one.deploymentConfiguration, ...configuration },
  }))
  return simulateWorld(scenario, { ...world, services })
}

/** Deploys the example to an environment, with its policy or one that is changed. */
async function deployTo(
  name: "staging" | "production",
  scenario: string | Partial<Scenario> = {},
  change: (policy: string) => string = (policy) => policy,
  configuration: object = {},
) {
  // What people must approve, and when nobody deploys, is another test's.
  const environment = { ...short(environments[name]), name, production: false, freeze: null }
  const { account, region, cluster, state, role } = environment
  const values = { account, region, cluster, environment: name, bucket: state.bucket, prefix: state.prefix }
  const rehearsal = rehearsalOf(environment, commit(0), filledJson(change(TEXT), POLICY, values))
  if (rehearsal === null) throw new Error(`environment ${name} is invalid`)
  const simulator = await simulateExample(scenario, rehearsal, configuration)
  const access = { region, endpoint: simulator.url, patient: false }
  const arn = `arn:aws:iam::${account}:role/${role}`
  const images = Object.fromEntries(
    rehearsal.images.map((image) => [image.slice(image.lastIndexOf("/") + 1, image.indexOf("@")), image]),
  )
  const changes: Changes = {
    environment,
    request: { release: { ...requestInput().release, images } },
    endpoints: endpointsAt(simulator.url, rehearsal.endpoints),
  }
  const act = async (more: Changes) => {
    const request = { ...changes.request, ...more.request }
    const credentials = webIdentity(access, { arn, token: TOKEN, seconds: 3600, run: "1" })
    const notify = { team: `${simulator.url}/_simulator/notifications/team`, "on-call": "key" }
    const options = { access: { ...access, credentials }, notify }
    const ran = await run(simulator, { ...changes, ...more, request }, options)
    return { ...ran, refused: refusedBy(simulator) }
  }
  return { ...(await act({})), act, simulator }
}

/** Returns the endpoints of a rehearsal, at the simulator's own address. */
const endpointsAt = (url: string, endpoints: Rehearsal["endpoints"]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(endpoints).map(([from, to]) => [from, to.replace(/^http:\/\/[^/]+/, url)]),
  )

/** Returns the calls that the simulator denied. */
const refusedBy = ({ rehearsal }: Awaited<ReturnType<typeof simulateWorld>>): readonly string[] =>
  rehearsal.journal
    .filter(({ result }) => /Denied|Unauthorized|Authorization/.test(result))
    .map(({ service, operation }) => `${service}:${operation}`)

test.each(["staging", "production"] as const)("deploys to %s with no right missing", async (name) => {
  const { result, printed, refused } = await deployTo(name)
  expect(result.text).toMatch(/^SUCCEEDED/)
  expect(refused).toEqual([])
  expect(printed.join("\n")).not.toContain("could not be checked")
})

test("asks for the functions of lifecycle hooks with no right missing", async () => {
  const { account, region, cluster } = environments.production
  const lifecycleHooks = [
    {
      hookTargetArn: `arn:aws:lambda:${region}:${account}:function:${cluster}-audit`,
      roleArn: `arn:aws:iam::${account}:role/${cluster}-load-balancing`,
      lifecycleStages: ["POST_SCALE_UP"],
    },
  ]
  const { act } = await deployTo("production", {}, (policy) => policy, { lifecycleHooks })
  const plan = await act({ action: "plan" })
  expect(plan.refused).toEqual([])
  expect(plan.result.text).not.toMatch(/unknown|missing/)
})

test("repairs the state of staging from its versions with no right missing", async () => {
  const { act, simulator } = await deployTo("staging")
  const state = simulator.rehearsal.look()
  const objects = state.objects.filter(({ key }) => !key.endsWith("/ledger.json"))
  simulator.rehearsal.become({ ...state, objects })
  const { result, printed, refused } = await act({ action: "status", request: { repair: true } })
  expect([result.outcome, refused]).toEqual(["succeeded", []])
  expect(printed.join("\n")).toMatch(/restored staging\/ledger\.json \(from its version of /)
})

test.each([
  "crash-loop",
  "canary-alarm",
  "migration-fails",
  "health-fails-after-rollout",
])("rolls production back after %s with no right missing", async (scenario) => {
  const { result, refused } = await deployTo("production", scenario)
  expect(result.outcome).toBe(scenario === "migration-fails" ? "failed" : "rolled-back")
  expect(refused).toEqual([])
})

test.each([
  ['"s3:ListBucket", ', "s3:ListBucket on resource"],
  [', "ecs:TagResource"', "ecs:TagResource on resource"],
  ['"rds:AddTagsToResource", ', "rds:AddTagsToResource on resource"],
  ["snapshot:slipway-", "rds:CreateDBSnapshot on resource"],
  ['"iam:PassRole"', "iam:PassRole on resource"],
  ['"ecs:RunTask"', "ecs:RunTask on resource"],
  ['"ecs:DescribeServiceRevisions",', "ecs:DescribeServiceRevisions on resource"],
])("is red without %s, in AWS's words", async (removed, says) => {
  const { result } = await deployTo("staging", {}, (policy) => {
    expect(policy).toContain(removed)
    return policy
      .replaceAll(removed, /^"[a-z]+:\w+"$/.test(removed) ? '"s3:GetObject"' : "")
      .replace(/,(\s*\])/g, "$1")
  })
  expect(result.red).toBe(true)
  expect(result.exitCode).not.toBe(0)
  expect(result.text).toContain(says.split(" ")[0] ?? says)
  expect(JSON.stringify(result)).toContain("medflow-staging-deploy")
  expect(JSON.stringify(result)).toMatch(/is not authorized to perform: [\w:]+ on resource/)
})
