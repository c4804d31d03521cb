/** The load balancer's part of the state: rules that route hosts to target groups, by weight. */
import { arn, hex } from "./ids.ts"
import type { World, WorldService } from "./world.ts"

/** A target group. `deregistrationDelay` is in seconds. */
export interface TargetGroup {
  readonly arn: string
  readonly name: string
  readonly port: number
  readonly healthPath: string
  readonly deregistrationDelay: number
}

/** A target group's share of a rule's traffic, of a sum that is free. */
export interface Weighted {
  readonly targetGroup: string
  readonly weight: number
}

/** A rule of a listener: requests for its hosts go to its target groups. */
export interface Rule {
  readonly arn: string
  readonly listener: string
  readonly priority: string
  readonly hosts: readonly string[]
  readonly forward: readonly Weighted[]
}

interface Listener {
  readonly arn: string
  readonly port: number
}

/** The load balancer of the world, with all that belongs to it. */
export interface LoadBalancing {
  readonly arn: string
  readonly name: string
  readonly host: string
  readonly listeners: readonly Listener[]
  readonly rules: readonly Rule[]
  readonly targetGroups: readonly TargetGroup[]
}

const elbArn = (world: World, resource: string): string => arn(world, "elasticloadbalancing", resource)

/** Names of load balancers and target groups have 32 characters at most. */
const short = (name: string): string => name.slice(0, 32)

/** Returns the last part of an ARN for a path in the cluster. */
const idOf = (world: World, path: string): string => hex(`${world.cluster}/${path}`, 16)

/** Returns the ARN of one of the two target groups that a service changes between. */
export function targetGroupArn(world: World, service: WorldService, colour: "blue" | "green"): string {
  const name = short(`${service.name}-${colour}`)
  return elbArn(world, `targetgroup/${name}/${idOf(world, name)}`)
}

const balancerPath = (world: World): string => `app/${short(world.cluster)}/${idOf(world, "balancer")}`

const listenerPath = (world: World): string => `${balancerPath(world)}/${idOf(world, "listener")}`

const ruleOf = (world: World, path: string): string =>
  elbArn(world, `listener-rule/${listenerPath(world)}/${idOf(world, path)}`)

/** Returns the ARN of the rule that leads users to a service. */
export const ruleArn = (world: World, service: WorldService): string => ruleOf(world, `${service.name}/rule`)

/** Returns the ARN of the rule that leads test traffic to a service. */
export const testRuleArn = (world: World, service: WorldService): string =>
  ruleOf(world, `${service.name}/test-rule`)

/** Returns whether a service is behind the load balancer. */
export const isBalanced = (service: WorldService): boolean => service.hosts.length > 0

/** Returns whether ECS may shift a service's traffic between two target groups. */
export const canShift = (service: WorldService): boolean =>
  isBalanced(service) && service.advancedConfiguration

/** Returns whether a service has a listener for test traffic. */
export const hasTests = (service: WorldService): boolean => canShift(service) && service.testHosts.length > 0

const coloursOf = (service: WorldService) =>
  canShift(service) ? (["blue", "green"] as const) : (["blue"] as const)

const targetGroupsOf = (world: World, service: WorldService): LoadBalancing["targetGroups"] =>
  coloursOf(service).map((colour) => ({
    arn: targetGroupArn(world, service, colour),
    name: short(`${service.name}-${colour}`),
    port: service.port,
    healthPath: service.healthPath,
    deregistrationDelay: service.deregistrationDelay,
  }))

/** Returns one load balancer with one listener. Each service with hosts has a rule, and a target group or two. */
export function balancingFor(world: World): LoadBalancing {
  const balanced = world.services.filter(isBalanced)
  const ruleFor = (service: WorldService, rule: Pick<Rule, "arn" | "hosts">, index: number): Rule => ({
    ...rule,
    listener,
    priority: String(index + 1),
    forward: coloursOf(service).map((colour) => ({
      targetGroup: targetGroupArn(world, service, colour),
      weight: colour === "blue" ? 100 : 0,
    })),
  })
  const tested = balanced.filter(hasTests)
  const listener = elbArn(world, `listener/${listenerPath(world)}`)
  return {
    arn: elbArn(world, `loadbalancer/${balancerPath(world)}`),
    name: short(world.cluster),
    host: `${short(world.cluster)}-${hex(world.cluster, 10)}.${world.region}.elb.amazonaws.com`,
    listeners: [{ arn: listener, port: 443 }],
    rules: [
      ...balanced.map((service, index) =>
        ruleFor(service, { arn: ruleArn(world, service), hosts: service.hosts }, index),
      ),
      ...tested.map((service, index) =>
        ruleFor(
          service,
          { arn: testRuleArn(world, service), hosts: service.testHosts },
          balanced.length + index,
        ),
      ),
    ],
    targetGroups: balanced.flatMap((service) => targetGroupsOf(world, service)),
  }
}
