import { describe, expect, it } from "vitest"
import { eventsOf, later, liveOf, release, rolloutsOf, startOf } from "./play.ts"

const ALARMED = { alarms: { enable: true, rollback: true, alarmNames: ["clinic-5xx"] } }

/** Scenario, minutes after a release of `web`, states of its service deployments, live revisions. */
const OUTCOMES: readonly (readonly [string, number, readonly string[], readonly string[]])[] = [
  ["success", 10, ["SUCCESSFUL"], ["clinic-web:8"]],
  ["crash-loop", 10, ["ROLLBACK_SUCCESSFUL"], ["clinic-web:7"]],
  ["crash-after-stable", 6, ["SUCCESSFUL"], ["clinic-web:8"]],
  ["image-cannot-be-pulled", 10, ["ROLLBACK_SUCCESSFUL"], ["clinic-web:7"]],
  ["registry-digest-missing", 10, ["ROLLBACK_SUCCESSFUL"], ["clinic-web:7"]],
  ["nothing-placed", 360, ["IN_PROGRESS"], ["clinic-web:7"]],
  ["health-check-fails", 10, ["ROLLBACK_SUCCESSFUL"], ["clinic-web:7"]],
  ["superseded", 10, ["STOPPED", "SUCCESSFUL"], ["clinic-web:9"]],
  ["rolled-back-by-someone", 10, ["ROLLBACK_SUCCESSFUL"], ["clinic-web:7"]],
  ["slow-deregistration", 20, ["IN_PROGRESS"], ["clinic-web:8"]],
  ["slow-deregistration", 40, ["SUCCESSFUL"], ["clinic-web:8"]],
  ["never-finishes", 120, ["IN_PROGRESS"], ["clinic-web:7"]],
  ["rollback-fails", 60, ["ROLLBACK_FAILED"], []],
  ["health-fails-after-rollout", 10, ["SUCCESSFUL"], ["clinic-web:8"]],
  ["eventual-consistency", 10, ["SUCCESSFUL"], ["clinic-web:8"]],
  ["first-deployment", 10, ["SUCCESSFUL"], ["clinic-web:8"]],
  ["first-deployment-fails", 10, ["STOPPED"], []],
]

describe("a release under a built-in scenario", () => {
  it.each(OUTCOMES)("%s: after %i minutes its state is %j with %j live", (name, minutes, statuses, live) => {
    const state = later(release(startOf(name), "web"), minutes)
    expect(rolloutsOf(state).map(({ status }) => status)).toEqual(statuses)
    expect(liveOf(state)).toEqual(live)
  })

  it("canary-alarm rolls back only a service that watches the alarm", () => {
    const watching = later(release(startOf("canary-alarm"), "web", { deploymentConfiguration: ALARMED }), 20)
    expect(rolloutsOf(watching).map(({ status, triggeredAlarms }) => [status, triggeredAlarms])).toEqual([
      ["ROLLBACK_SUCCESSFUL", ["clinic-5xx"]],
    ])
    const blind = later(release(startOf("canary-alarm"), "web"), 20)
    expect(rolloutsOf(blind).map(({ status }) => status)).toEqual(["SUCCESSFUL"])
    expect(blind.alarms).toEqual({ "clinic-5xx": "ALARM" })
  })

  it("web-and-worker-diverge leaves the two on different releases", () => {
    const state = later(release(release(startOf("web-and-worker-diverge"), "web"), "worker"), 10)
    expect([...liveOf(state, "web"), ...liveOf(state, "worker")]).toEqual(["clinic-web:8", "clinic-worker:4"])
  })

  it("crash-after-stable leaves the deployment completed while tasks fail and are replaced", () => {
    const state = later(release(startOf("crash-after-stable"), "web"), 30)
    const [rollout] = rolloutsOf(state)
    expect([rollout?.status, rollout?.failures]).toEqual(["SUCCESSFUL", 0])
    const dead = state.tasks.filter(({ stopCode }) => stopCode === "EssentialContainerExited")
    expect(dead.length).toBeGreaterThan(2)
    expect(new Set(dead.flatMap(({ containers }) => containers.map(({ exitCode }) => exitCode)))).toEqual(
      new Set([137]),
    )
  })

  it("a healthy task resets the circuit breaker unless resetOnHealthyTask is false", () => {
    const failures = (resetOnHealthyTask: boolean): number | undefined => {
      const deploymentCircuitBreaker = { enable: true, rollback: true, resetOnHealthyTask }
      const started = later(
        release(startOf("crash-loop"), "web", { deploymentConfiguration: { deploymentCircuitBreaker } }),
        0.5,
      )
      const [rollout] = rolloutsOf(started)
      expect(rollout?.failures).toBe(2)
      const fixed = { ...started, scenario: { ...started.scenario, failure: null } }
      return rolloutsOf(later(fixed, 2))[0]?.failures
    }
    expect([failures(true), failures(false)]).toEqual([0, 2])
  })

  it("writes events as ECS does", () => {
    const crashed = later(release(startOf("crash-loop"), "web"), 10)
    const events = eventsOf(crashed).map((message) => message.replaceAll(/[0-9a-f]{19,32}/g, "…"))
    expect(events).toMatchInlineSnapshot(`
      [
        "(service web) has started 2 tasks: (task …) (task …).",
        "(service web) registered 2 targets in (target-group arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/web-blue/de8ce5a2b715a4c4)",
        "(service web) has started 2 tasks: (task …) (task …).",
        "(service web) registered 2 targets in (target-group arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/web-blue/de8ce5a2b715a4c4)",
        "(service web) is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
        "(service web) (deployment ecs-svc/…) deployment failed: tasks failed to start.",
        "(service web) rolling back to deployment ecs-svc/….",
        "(service web) (deployment ecs-svc/…) deployment completed.",
        "(service web) has reached a steady state.",
      ]
    `)
    const unplaced = later(release(startOf("nothing-placed"), "web"), 2)
    expect(eventsOf(unplaced)[0]).toContain(
      "was unable to place a task. Reason: Capacity is unavailable at this time.",
    )
  })

  it("writes the last lines of a failed task into its log", () => {
    const state = later(release(startOf("crash-loop"), "web"), 10)
    const [task] = state.tasks.filter(({ stopCode }) => stopCode === "EssentialContainerExited")
    expect(task?.containers).toMatchObject([{ name: "web", exitCode: 1 }])
    expect(state.logs[0]).toMatchObject({
      group: "/ecs/clinic/web",
      stream: `ecs/web/${task?.id}`,
      message: "Error: DATABASE_URL is not set",
    })
  })
})
