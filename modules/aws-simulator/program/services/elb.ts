/** Elastic Load Balancing v2: listeners, rules and target health. */
import { AwsError } from "../error.ts"
import { type Fields, numberOr, records, text, textOr, texts } from "../fields.ts"
import type { Rule, TargetGroup, Weighted } from "../load-balancing.ts"
import { looks, mutates, type Operations, when } from "../operation.ts"
import { change, type State, type Task } from "../state.ts"

const VPC = "vpc-0a"

/** Selects entries by ARN, or all. @throws AwsError with this code for an unknown ARN. */
function select<T extends { readonly arn: string }>(
  all: readonly T[],
  arns: readonly string[],
  error: string,
): readonly T[] {
  const unknown = arns.find((arn) => !all.some((entry) => entry.arn === arn))
  if (unknown !== undefined) throw new AwsError(error, `One or more of them not found: ${unknown}`)
  return arns.length === 0 ? all : all.filter(({ arn }) => arns.includes(arn))
}

const forward = (weighted: readonly Weighted[]): Fields => ({
  Type: "forward",
  TargetGroupArn: weighted.length === 1 ? weighted[0]?.targetGroup : null,
  ForwardConfig: {
    TargetGroups: weighted.map(({ targetGroup, weight }) => ({
      TargetGroupArn: targetGroup,
      Weight: weight,
    })),
    TargetGroupStickinessConfig: { Enabled: false },
  },
})

const ruleShape = (rule: Rule): Fields => ({
  RuleArn: rule.arn,
  Priority: rule.priority,
  Conditions: [{ Field: "host-header", Values: rule.hosts, HostHeaderConfig: { Values: rule.hosts } }],
  Actions: [forward(rule.forward)],
  IsDefault: false,
})

const groupShape = (state: State, group: TargetGroup): Fields => ({
  TargetGroupArn: group.arn,
  TargetGroupName: group.name,
  Protocol: "HTTP",
  Port: group.port,
  VpcId: VPC,
  HealthCheckProtocol: "HTTP",
  HealthCheckPort: "traffic-port",
  HealthCheckEnabled: true,
  HealthCheckIntervalSeconds: 30,
  HealthCheckTimeoutSeconds: 5,
  HealthyThresholdCount: 5,
  UnhealthyThresholdCount: 2,
  HealthCheckPath: group.healthPath,
  Matcher: { HttpCode: "200" },
  LoadBalancerArns: [state.balancing.arn],
  TargetType: "ip",
})

/** Returns state, reason and description of a target as in ELB. */
function targetState(task: Task): Fields | null {
  if (task.status === "DEACTIVATING") {
    return {
      State: "draining",
      Reason: "Target.DeregistrationInProgress",
      Description: "Target deregistration is in progress",
    }
  }
  if (task.status !== "RUNNING") return null
  if (task.health === "HEALTHY") return { State: "healthy" }
  if (task.health === "UNHEALTHY") {
    return {
      State: "unhealthy",
      Reason: "Target.ResponseCodeMismatch",
      Description: "Health checks failed with these codes: [503]",
    }
  }
  return {
    State: "initial",
    Reason: "Elb.InitialHealthChecking",
    Description: "Initial health checks in progress",
  }
}

function targetHealth(state: State, input: Fields): Fields {
  const [group] = select(state.balancing.targetGroups, [text(input, "TargetGroupArn")], "TargetGroupNotFound")
  const described = state.tasks
    .filter((task) => task.targetGroup === group?.arn)
    .flatMap((task) => {
      const TargetHealth = targetState(task)
      const Target = { Id: task.ip, Port: group?.port, AvailabilityZone: `${state.world.region}a` }
      return TargetHealth === null ? [] : [{ Target, HealthCheckPort: String(group?.port), TargetHealth }]
    })
  return { TargetHealthDescriptions: described }
}

/** Reads the weights of an action of ModifyRule or ModifyListener. */
function weightsOf(input: Fields, key: string): readonly Weighted[] {
  const [action = {}] = records(input, key)
  const config = action.ForwardConfig
  const groups = typeof config === "object" && config !== null ? records({ ...config }, "TargetGroups") : []
  if (groups.length === 0) return [{ targetGroup: text(action, "TargetGroupArn"), weight: 1 }]
  return groups.map((group) => ({
    targetGroup: text(group, "TargetGroupArn"),
    weight: numberOr(group, "Weight", 1),
  }))
}

const listenerShape = (state: State, { arn, port }: State["balancing"]["listeners"][number]): Fields => ({
  ListenerArn: arn,
  LoadBalancerArn: state.balancing.arn,
  Port: port,
  Protocol: "HTTPS",
  DefaultActions: [{ Type: "fixed-response", FixedResponseConfig: { StatusCode: "404" } }],
})

export const elb: Operations = {
  DescribeLoadBalancers: looks((state, input) => {
    const names = texts(input, "Names")
    select([state.balancing], texts(input, "LoadBalancerArns"), "LoadBalancerNotFound")
    if (names.some((name) => name !== state.balancing.name)) {
      throw new AwsError("LoadBalancerNotFound", `Load balancers '[${names.join(", ")}]' not found`)
    }
    const { arn, name, host } = state.balancing
    const shape = {
      LoadBalancerArn: arn,
      DNSName: host,
      CanonicalHostedZoneId: "Z215JYRZR1TBD5",
      CreatedTime: when(state.services[0]?.createdAt ?? state.now),
      LoadBalancerName: name,
      Scheme: "internet-facing",
      VpcId: VPC,
      State: { Code: "active" },
      Type: "application",
    }
    return { LoadBalancers: [shape] }
  }),
  DescribeListeners: looks((state, input) => {
    const arns = texts(input, "ListenerArns")
    const shown = select(state.balancing.listeners, arns, "ListenerNotFound")
    return { Listeners: shown.map((listener) => listenerShape(state, listener)) }
  }),
  DescribeRules: looks((state, input) => {
    const listener = textOr(input, "ListenerArn", null)
    const rules = select(state.balancing.rules, texts(input, "RuleArns"), "RuleNotFound")
    return { Rules: rules.filter((rule) => listener === null || rule.listener === listener).map(ruleShape) }
  }),
  ModifyRule: mutates((state, input) => {
    const [rule] = select(state.balancing.rules, [text(input, "RuleArn")], "RuleNotFound")
    const rules = change(
      state.balancing.rules,
      (entry) => entry.arn === rule?.arn,
      (entry) => ({ ...entry, forward: weightsOf(input, "Actions") }),
    )
    const after = { ...state, balancing: { ...state.balancing, rules } }
    return { state: after, output: { Rules: rules.filter(({ arn }) => arn === rule?.arn).map(ruleShape) } }
  }),
  ModifyListener: mutates((state, input) => {
    const listeners = select(state.balancing.listeners, [text(input, "ListenerArn")], "ListenerNotFound")
    return { state, output: { Listeners: listeners.map((listener) => listenerShape(state, listener)) } }
  }),
  DescribeTargetGroups: looks((state, input) => {
    const names = texts(input, "Names")
    const groups = select(
      state.balancing.targetGroups,
      texts(input, "TargetGroupArns"),
      "TargetGroupNotFound",
    )
    const shown = groups.filter(({ name }) => names.length === 0 || names.includes(name))
    return { TargetGroups: shown.map((group) => groupShape(state, group)) }
  }),
  DescribeTargetHealth: looks(targetHealth),
  DescribeTargetGroupAttributes: looks((state, input) => {
    const [group] = select(
      state.balancing.targetGroups,
      [text(input, "TargetGroupArn")],
      "TargetGroupNotFound",
    )
    const delay = String(state.scenario.seconds.drain ?? group?.deregistrationDelay ?? 300)
    return {
      Attributes: [
        { Key: "deregistration_delay.timeout_seconds", Value: delay },
        { Key: "stickiness.enabled", Value: "false" },
        { Key: "load_balancing.algorithm.type", Value: "round_robin" },
      ],
    }
  }),
}
