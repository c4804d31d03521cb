/** Operations of service deployments and service revisions. */
import { AwsError } from "../error.ts"
import { type Fields, fieldsOf, numberOr, text, textOr, texts } from "../fields.ts"
import { nameIn } from "../ids.ts"
import { looks, mutates, type Operations } from "../operation.ts"
import { page } from "../page.ts"
import { serviceNamed } from "../rollout/find.ts"
import { decide, stop } from "../rollout/stop.ts"
import type { ServiceDeployment, State } from "../state.ts"
import { minute, second } from "../state.ts"
import { briefShape, revisionShape, serviceDeploymentShape } from "./deployment-shapes.ts"
import { checkCluster } from "./services.ts"

/** AWS keeps ninety days of history. */
const HISTORY = 90 * 24 * 60 * minute

const visible = (state: State): readonly ServiceDeployment[] =>
  state.serviceDeployments.filter(
    (entry) => entry.visibleAt <= state.now && entry.createdAt > state.now - HISTORY,
  )

function found(state: State, arn: string): ServiceDeployment {
  const rollout = visible(state).find((entry) => entry.arn === arn)
  if (rollout === undefined) {
    throw new AwsError("ServiceDeploymentNotFoundException", "Service deployment not found.")
  }
  return rollout
}

const missing = (arn: string): Fields => ({ arn, reason: "MISSING" })

function listed(state: State, input: Fields): Fields {
  checkCluster(state, input)
  const service = serviceNamed(state, nameIn(text(input, "service")))
  const statuses = texts(input, "status")
  const created = fieldsOf(input, "createdAt")
  const from = numberOr(created, "after", 0) * second
  const until = numberOr(created, "before", Number.POSITIVE_INFINITY) * second
  const entries = visible(state)
    .filter((entry) => entry.service === service.name)
    .filter((entry) => statuses.length === 0 || statuses.includes(entry.status))
    .filter(({ createdAt }) => createdAt >= from && createdAt <= until)
    .toReversed()
    .map((entry) => briefShape(state, service, entry))
  const one = page(entries, textOr(input, "nextToken", null), numberOr(input, "maxResults", 20))
  return { serviceDeployments: one.entries, nextToken: one.nextToken }
}

export const deployments: Operations = {
  ListServiceDeployments: looks(listed),
  DescribeServiceDeployments: looks((state, input) => {
    const requested = texts(input, "serviceDeploymentArns")
    const known = visible(state).filter((entry) => requested.includes(entry.arn))
    const unknown = requested.filter((arn) => !known.some((entry) => entry.arn === arn))
    return {
      serviceDeployments: known.map((entry) =>
        serviceDeploymentShape(state, serviceNamed(state, entry.service), entry),
      ),
      failures: unknown.map(missing),
    }
  }),
  DescribeServiceRevisions: looks((state, input) => {
    const requested = texts(input, "serviceRevisionArns")
    const known = state.revisions.filter((entry) => requested.includes(entry.arn))
    const unknown = requested.filter((arn) => !known.some((entry) => entry.arn === arn))
    return {
      serviceRevisions: known.map((entry) =>
        revisionShape(state, serviceNamed(state, entry.service), entry.arn),
      ),
      failures: unknown.map(missing),
    }
  }),
  StopServiceDeployment: mutates((state, input) => {
    const rollout = found(state, text(input, "serviceDeploymentArn"))
    const stopped = stop(state, rollout, textOr(input, "stopType", "ROLLBACK"))
    return { state: stopped, output: { serviceDeploymentArn: rollout.arn } }
  }),
  ContinueServiceDeployment: mutates((state, input) => {
    const rollout = found(state, text(input, "serviceDeploymentArn"))
    const after = decide(state, rollout, text(input, "hookId"), textOr(input, "action", "CONTINUE"))
    return { state: after, output: { serviceDeploymentArn: rollout.arn } }
  }),
}
