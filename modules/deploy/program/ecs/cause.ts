/** Finds the likely cause of a failure, and its fix, in what AWS reports. */
import type { Bundle } from "../core/evidence.ts"
import { oneLine } from "../core/text.ts"

interface Cause {
  readonly cause: string
  readonly fix: string
}

interface Sign {
  readonly sign: RegExp
  readonly says: (match: RegExpExecArray) => Cause
}

const UNHEALTHY = "the tasks run, but their health check fails"

const sign = (pattern: RegExp, cause: string, fix: string): Sign => ({
  sign: pattern,
  says: () => ({ cause, fix }),
})

/** Ordered: what stops a task comes before its consequences. */
const SIGNS: readonly Sign[] = [
  {
    sign: /CannotPull(?:Image|Container)\w*Error:?\s*([^\n]*)/,
    says: ([, detail]) => ({
      cause: ["cannot pull the image", oneLine(detail ?? "", 160)].filter(Boolean).join(": "),
      fix: "check that the image is in ECR, and that the execution role and the subnets can reach ECR",
    }),
  },
  sign(
    /unable to (?:pull|retrieve) secrets?|secretsmanager|ssm.*(?:parameter|AccessDenied)/i,
    "cannot read a secret of the task definition",
    "check that the secret exists, and that the execution role may read it",
  ),
  sign(
    /log group does not exist|failed to (?:validate|initialize) logg/i,
    "log group of the task definition not found",
    "create the log group with Terraform",
  ),
  sign(
    /unable to assume (?:the )?role|assume.*role.*(?:exists|denied)/i,
    "ECS cannot assume the task's role",
    "add `ecs-tasks.amazonaws.com` to the role's trust policy",
  ),
  sign(
    /OutOfMemory|out of memory/i,
    "the container ran out of memory",
    "raise the memory in the task definition, or find the leak",
  ),
  sign(
    /exec format error/i,
    "the image is built for another CPU architecture",
    "build the image for the architecture in `runtimePlatform`",
  ),
  sign(
    /RESOURCE:|unable to (?:consistently )?(?:place|start tasks)[^\n]*(?:capacity|resource|instance|memory|cpu)|Capacity is unavailable|no container instances?/i,
    "the cluster has no capacity for the tasks",
    "add capacity, or lower the CPU and memory of the tasks",
  ),
  sign(
    /insufficient (?:free )?(?:ip )?address|not have enough free addresses/i,
    "the subnets have no free IP addresses",
    "free addresses, or add a subnet",
  ),
  sign(
    /failed (?:ELB|container) health checks?/,
    UNHEALTHY,
    "check path and port of the health check, and that the security group admits the load balancer",
  ),
  {
    sign: /essential container in task exited[^\n]*|exited with code (\d+)/i,
    says: ([, code]) => ({
      cause:
        code === undefined
          ? "a container exited right after its start"
          : `the container exited with code ${code}`,
      fix: "read the end of its log, fix the commit, and deploy again",
    }),
  },
  sign(
    /Target\.(?:FailedHealthChecks|Timeout|ResponseCodeMismatch)|unhealthy/i,
    UNHEALTHY,
    "check path and port of the health check, and that the security group admits the load balancer",
  ),
  sign(
    /StopServiceDeployment was called|stopped by a user/,
    "someone called StopServiceDeployment: the release itself may be good",
    "ask who stopped it and why before you deploy again",
  ),
  sign(
    /ContinueServiceDeployment was called with ROLLBACK|answered rollback/,
    "someone answered the question about the release with rollback",
    "ask who answered and why before you deploy again",
  ),
  sign(
    /without a task \(desired count 0\)/,
    "a service runs no task: its desired count is 0",
    "let it run tasks again: neither release can be proven until then",
  ),
  {
    sign: /answers (\d+) instead of/,
    says: ([, status]) => ({
      cause: `the load balancer's check passes, but the application answers ${status}`,
      fix: "read the application's log; this URL checks more than the target group does",
    }),
  },
  {
    sign: /alarm (\S+) (?:went off|.*ALARM)/i,
    says: ([, name = ""]) => ({
      cause: `the alarm ${name} went off with the new release`,
      fix: "check the alarm's metric since the release",
    }),
  },
  sign(
    /ECONNREFUSED|ENOTFOUND|no answer|timed? ?out/i,
    "the URL does not answer",
    "check the load balancer's listener, DNS and security groups",
  ),
]

/** Returns the containers that exited with another code than 0. */
function exitText({ stopped }: Bundle): readonly string[] {
  return stopped.flatMap(({ service, containers }) =>
    containers
      .filter(({ exitCode }) => exitCode !== null && exitCode !== 0)
      .map(({ name, exitCode }) => `container ${name} of ${service} exited with code ${exitCode}`),
  )
}

/** Returns the likely cause; null if no known sign is found. */
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
    return named !== undefined && /container exited/.test(cause.cause) ? { ...cause, cause: named } : cause
  }
  return null
}
