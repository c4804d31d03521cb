/** The load balancer's part of the state: rules that route hosts to target groups, by weight. */
import { arn, hex } from "./ids.ts"
import type { World, WorldService } from "./world.ts"

export interface TargetGroup {
  readonly arn: string
  readonly name: string
  readonly port: number
  readonly healthPath: string
  readonly deregistrationDelay: number
}

export interface Weighted {
  readonly targetGroup: string
  readonly weight: number
}

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

export function targetGroupArn(world: World, service: WorldService, colour: "blue" | "green"): string {
  const name = short(`${service.name}-${colour}`)
  return elbArn(world, `targetgroup/${name}/${idOf(world, name)}`)
}

const balancerPath = (world: World): string => `app/${short(world.cluster)}/${idOf(world, "balancer")}`

const listenerPath = (world: World): string => `${balancerPath(world)}/${idOf(world, "listener")}`

export function ruleArn(world: World, service: WorldService): string {
  const id = idOf(world, `${service.name}/rule`)
  return elbArn(world, `listener-rule/${listenerPath(world)}/${id}`)
}

export const isBalanced = (service: WorldService): boolean => service.hosts.length > 0

export const canShift = (service: WorldService): boolean =>
  isBalanced(service) && service.advancedConfiguration

const coloursOf = (service: WorldService) =>
  canShift(service) ? (["blue", "green"] as const) : (["blue"] as const)

/** Returns one load balancer with one listener. Each service with hosts has a rule, and a target group or two. */
export function balancingFor(world: World): LoadBalancing {
  const balanced = world.services.filter(isBalanced)
  const listener = elbArn(world, `listener/${listenerPath(world)}`)
  return {
    arn: elbArn(world, `loadbalancer/${balancerPath(world)}`),
    name: short(world.cluster),
    host: `${short(world.cluster)}-${hex(world.cluster, 10)}.${world.region}.elb.amazonaws.com`,
    listeners: [{ arn: listener, port: 443 }],
    rules: balanced.map((service, index) => ({
      arn: ruleArn(world, service),
      listener,
      priority: String(index + 1),
      hosts: service.hosts,
      forward: coloursOf(service).map((colour) => ({
        targetGroup: targetGroupArn(world, service, colour),
        weight: colour === "blue" ? 100 : 0,
      })),
    })),
    targetGroups: balanced.flatMap((service) =>
      coloursOf(service).map((colour) => ({
        arn: targetGroupArn(world, service, colour),
        name: short(`${service.name}-${colour}`),
        port: service.port,
        healthPath: service.healthPath,
        deregistrationDelay: service.deregistrationDelay,
      })),
    ),
  }
}
