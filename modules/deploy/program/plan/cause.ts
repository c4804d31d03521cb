/** From the signs of a failure to its likely cause and what to do. */
import { oneLine } from "./text.ts"

/** What was found around a failure. */
export interface Bundle {
  readonly stopped: readonly {
    readonly service: string
    readonly task: string
    readonly reason: string
    readonly containers: readonly {
      readonly name: string
      readonly exitCode: number | null
      readonly reason: string
    }[]
  }[]
  /** Newest first. */
  readonly events: readonly string[]
  readonly targets: readonly { readonly target: string; readonly state: string; readonly reason: string }[]
  readonly log: readonly string[]
  /** What ECS, the check or the bake time said. */
  readonly reasons: readonly string[]
}

export const EMPTY_BUNDLE: Bundle = { stopped: [], events: [], targets: [], log: [], reasons: [] }

export interface Cause {
  readonly cause: string
  readonly fix: string
}

interface Sign {
  readonly sign: RegExp
  readonly says: (match: RegExpExecArray) => Cause
}

const UNHEALTHY = "the tasks run, and their health check fails"

const sign = (pattern: RegExp, cause: string, fix: string): Sign => ({
  sign: pattern,
  says: () => ({ cause, fix }),
})

/** In the order of how much each explains: what stops a task before what follows from it. */
const SIGNS: readonly Sign[] = [
  {
    sign: /CannotPull(?:Image|Container)\w*Error:?\s*([^\n]*)/,
    says: ([, detail]) => ({
      cause: ["the image cannot be pulled", oneLine(detail ?? "", 160)].filter(Boolean).join(": "),
      fix: "look whether the image is in ECR and whether the execution role and the subnets reach it",
    }),
  },
  sign(
    /unable to (?:pull|retrieve) secrets?|secretsmanager|ssm.*(?:parameter|AccessDenied)/i,
    "a secret that the task definition names cannot be read",
    "look whether the secret exists and the execution role may read it",
  ),
  sign(
    /log group does not exist|failed to (?:validate|initialize) logg/i,
    "the log group of the task definition does not exist",
    "create the log group, or let Terraform do so",
  ),
  sign(
    /unable to assume (?:the )?role|assume.*role.*(?:exists|denied)/i,
    "ECS may not assume the task's role",
    "look at the role's trust policy: ecs-tasks.amazonaws.com must be in it",
  ),
  sign(
    /OutOfMemory|out of memory/i,
    "the container needs more memory than its task definition gives it",
    "raise the memory, or find what uses it",
  ),
  sign(
    /exec format error/i,
    "the image is of another processor architecture than the task runs on",
    "build the image for the architecture that runtimePlatform names",
  ),
  sign(
    /RESOURCE:|unable to (?:consistently )?(?:place|start tasks)[^\n]*(?:capacity|resource|instance|memory|cpu)|Capacity is unavailable|no container instances?/i,
    "the cluster has no room for the tasks",
    "add capacity, or lower what the tasks ask for",
  ),
  sign(
    /insufficient (?:free )?(?:ip )?address|not have enough free addresses/i,
    "the subnets have no free addresses left",
    "free addresses, or add a subnet",
  ),
  sign(
    /failed (?:ELB|container) health checks?/,
    UNHEALTHY,
    "look whether the health check's path and port are right and the security group lets the load balancer in",
  ),
  {
    sign: /essential container in task exited[^\n]*|exit code (\d+)/i,
    says: ([, code]) => ({
      cause:
        code === undefined
          ? "a container ends right after its start"
          : `the container ends with exit code ${code}`,
      fix: "read the end of its log; deploy again with the mended commit",
    }),
  },
  sign(
    /Target\.(?:FailedHealthChecks|Timeout|ResponseCodeMismatch)|unhealthy/i,
    UNHEALTHY,
    "look whether the health check's path and port are right and the security group lets the load balancer in",
  ),
  sign(
    /StopServiceDeployment was called|stopped by a user/,
    "somebody called StopServiceDeployment: the release itself may be good",
    "ask who stopped it, and why, before it is deployed again",
  ),
  sign(
    /ContinueServiceDeployment was called with ROLLBACK|answered rollback/,
    "the question whether the release is good was answered with rollback",
    "ask who answered, and why, before it is deployed again",
  ),
  {
    sign: /answers (\d+) instead of/,
    says: ([, status]) => ({
      cause: `the load balancer calls the tasks healthy, and the application answers ${status}`,
      fix: "read the application's log; the target group's health check sees less than this URL",
    }),
  },
  {
    sign: /alarm (\S+) (?:went off|.*ALARM)/i,
    says: ([, name = ""]) => ({
      cause: `the alarm ${name} went off with the new release`,
      fix: "look at what the alarm measures between the release and now",
    }),
  },
  sign(
    /ECONNREFUSED|ENOTFOUND|no answer|timed? ?out/i,
    "the address does not answer",
    "look at the load balancer's listener, DNS and security groups",
  ),
]

/** The exit code of the container that ended a task: the first that is not 0. */
function exitText({ stopped }: Bundle): readonly string[] {
  return stopped.flatMap(({ service, containers }) =>
    containers
      .filter(({ exitCode }) => exitCode !== null && exitCode !== 0)
      .map(({ name, exitCode }) => `the container ${name} of ${service}: exit code ${exitCode}`),
  )
}

/** The likely cause of a failure; null where no sign is known. */
export function causeOf(bundle: Bundle): Cause | null {
  const texts = [
    ...bundle.stopped.flatMap(({ reason, containers }) => [...containers.map((one) => one.reason), reason]),
    ...exitText(bundle),
    ...bundle.reasons,
    ...bundle.targets
      .filter(({ state }) => state === "unhealthy")
      .map(({ state, reason }) => `${state} ${reason}`),
    ...bundle.events,
  ]
  const named = exitText(bundle)[0]
  for (const { sign, says } of SIGNS) {
    const match = texts.map((text) => sign.exec(text)).find((found) => found !== null)
    if (!match) continue
    const cause = says(match)
    const exited = named !== undefined && /container ends/.test(cause.cause)
    return exited ? { ...cause, cause: named.replace(": exit code", " ends with exit code") } : cause
  }
  return null
}
