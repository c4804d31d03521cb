/** Services and migrations of an environment, as a request describes them. */
import * as z from "zod"

export const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$/, "must be a name of letters, digits, - and _")
const percent = z.number().min(0.1).max(100)
const bakeMinutes = z.int().min(0).max(1440)
export const minutes = z.number().positive().max(1440)

/** How a service's tasks are replaced. ECS's own strategies, and their numbers. */
const strategySchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("rolling"),
    minimumHealthyPercent: z.int().min(0).max(100).default(100),
    maximumPercent: z.int().min(100).max(400).default(200),
  }),
  z.strictObject({ kind: z.literal("blue-green"), bakeMinutes: bakeMinutes.default(0) }),
  z.strictObject({
    kind: z.literal("canary"),
    percent,
    canaryBakeMinutes: bakeMinutes,
    bakeMinutes: bakeMinutes.default(0),
  }),
  z.strictObject({
    kind: z.literal("linear"),
    stepPercent: percent,
    stepBakeMinutes: bakeMinutes,
    bakeMinutes: bakeMinutes.default(0),
  }),
])

/** ECS pauses before this stage until someone answers. */
const pauseSchema = z.strictObject({
  before: z.enum(["production-traffic", "clean-up"]),
  timeoutMinutes: z.int().min(1).max(20160).default(1440),
  /** What ECS does when nobody answers. */
  otherwise: z.enum(["continue", "rollback"]).default("rollback"),
})

export const serviceSchema = z.strictObject({
  name,
  /** The container whose image changes; sidecars stay as they are. */
  container: name,
  /** A name in `release.images`. */
  image: z.string().min(1),
  strategy: strategySchema.default({ kind: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 }),
  pause: pauseSchema.nullable().default(null),
  /** The target group whose targets must be healthy; null takes those of the service. */
  targetGroup: z.string().regex(/^arn:/, "must be an ARN").nullable().default(null),
  /** Above this, the deployer stops watching: the rollout itself goes on. */
  timeoutMinutes: minutes.default(60),
})

export const migrationSchema = z.strictObject({
  /** A service of this environment whose new revision runs it, … */
  service: name.nullable().default(null),
  /** … or a family of task definitions of its own. */
  family: name.nullable().default(null),
  container: name,
  /** A name in `release.images`; with `service`, that service's image. */
  image: z.string().nullable().default(null),
  command: z.array(z.string()).nullable().default(null),
  /** A contract migration takes away what older releases need: no rollback goes below it. */
  phase: z.enum(["expand", "contract"]),
  timeoutMinutes: minutes.default(15),
  placementMinutes: minutes.default(5),
  launchType: z.enum(["FARGATE", "EC2"]).default("FARGATE"),
  subnets: z.array(z.string()).default([]),
  securityGroups: z.array(z.string()).default([]),
  assignPublicIp: z.boolean().default(false),
})
