/** The new tasks answer on the test listener before users get them. */
import { describe, expect, it } from "vitest"
import { readScenario } from "../../modules/aws-simulator/program/read-scenario.ts"
import { run, show, simulate } from "./rehearsal.ts"

const TEST = "https://clinic.example.org:8443"
const WEB = { name: "web", hosts: ["clinic.example.org"], revision: 7, deregistrationDelay: 30 }
const services = (testHosts: readonly string[]) => [
  { ...WEB, testHosts },
  { name: "worker", revision: 4 },
]

const environment = {
  services: [
    {
      name: "web",
      container: "web",
      image: "web",
      strategy: { kind: "blue-green" as const },
      testTraffic: { checks: [{ url: `${TEST}/health`, attempts: 2, intervalSeconds: 10 }] },
    },
    { name: "worker", container: "worker", image: "worker" },
  ],
}

async function tried(scenario: string, testHosts: readonly string[] = ["clinic.example.org:8443"]) {
  const { seconds } = readScenario("success")
  const quick = { ...seconds, provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, drain: 3, stage: 1 }
  const simulator = await simulate(
    { ...readScenario(scenario), seconds: quick },
    { services: services(testHosts) },
  )
  const ran = await run(simulator, { environment })
  show(ran)
  const answers = simulator.rehearsal.journal
    .filter(({ operation }) => operation === "ContinueServiceDeployment")
    .map(({ parameters }) => parameters.action)
  return {
    ...ran,
    answers,
    shifts: simulator.rehearsal.look().serviceDeployments.map(({ shifts }) => shifts),
  }
}

describe("test traffic", () => {
  it("is checked, and production traffic follows", async () => {
    const { result, printed, answers } = await tried("success")
    expect(result.outcome).toBe("succeeded")
    expect(printed.join("\n")).toContain("the test traffic of web is answered (1 URL)")
    expect(answers).toEqual(["CONTINUE"])
  })

  it("that gets wrong answers is the end: no user has met the new tasks", async () => {
    const { result, answers, shifts } = await tried("health-fails-after-rollout")
    expect(result.outcome).toBe("rolled-back")
    expect(result.what).toContain(`the test traffic of web failed: ${TEST}/health answers 500 instead of 200`)
    expect(answers).toEqual(["ROLLBACK"])
    expect(shifts).not.toContain(1)
  })

  it("needs a test listener, which preflight asks for", async () => {
    const { result } = await tried("success", [])
    expect(result.outcome).toBe("refused")
    expect(result.what).toContain(
      "missing test listener rule of web (advancedConfiguration.testListenerRule)",
    )
  })
})
