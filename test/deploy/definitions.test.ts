/** What the next revision is made from: what runs, what Terraform registered since, or a file. */
import { describe, expect, it } from "vitest"
import type { Simulator } from "../../modules/aws-simulator/program/simulator.ts"
import { type Changes, run, simulate } from "./rehearsal.ts"

const LIVE = {
  name: "web",
  image: "bootstrap",
  essential: true,
  environment: [{ name: "LOG_LEVEL", value: "info" }],
}
/** What Terraform registered after the live revision. */
const NEWER = {
  family: "clinic-web",
  revision: 9,
  definition: {
    cpu: "512",
    memory: "1024",
    runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
    containerDefinitions: [
      {
        ...LIVE,
        environment: [...LIVE.environment, { name: "QUEUE_URL", value: "https://canary.example.org/queue" }],
        secrets: [
          { name: "PAYMENT_KEY", valueFrom: "arn:aws:secretsmanager:eu-central-1:1:secret:canary-AbCdEf" },
        ],
      },
      { name: "telemetry", image: "collector", essential: false },
    ],
  },
}
const WORLD = {
  services: [
    { name: "web", hosts: ["clinic.example.org"], revision: 7, definition: { containerDefinitions: [LIVE] } },
  ],
  taskDefinitions: [NEWER],
}

type Rule = "latest" | "live" | { readonly file: string }

const changes = (rule?: Rule, more: Changes = {}): Changes => ({
  ...more,
  environment: {
    services: [{ name: "web", container: "web", image: "web", ...(rule ? { taskDefinition: rule } : {}) }],
    ...more.environment,
  },
})

/** Returns the newest revision of the family, with its environment variables by name. */
function newest({ rehearsal }: Simulator) {
  const own = rehearsal.look().taskDefinitions.filter(({ family }) => family === "clinic-web")
  const last = own.reduce((before, one) => (one.revision > before.revision ? one : before))
  return { revision: last.revision, text: JSON.stringify(last.registered), registered: last.registered }
}

const DIFFERENCES = [
  "+ container telemetry",
  "+ environment QUEUE_URL of web",
  "+ secret PAYMENT_KEY of web",
  "~ cpu 256 → 512",
  "~ memory 512 → 1024",
  "+ runtimePlatform",
]

describe("a newer revision of Terraform", () => {
  it("is named field by field by plan, without values that may be secret", async () => {
    const { result } = await run(await simulate({}, WORLD), changes(undefined, { action: "plan" }))
    expect(result.text).toContain(
      "made from clinic-web:9, which is newer than the live clinic-web:7 and differs",
    )
    for (const line of DIFFERENCES) expect(result.text).toContain(line)
    expect(result.text).not.toContain("canary")
  })

  it("is what the next revision is made from, and the result says so", async () => {
    const simulator = await simulate({}, WORLD)
    const { result } = await run(simulator, changes())
    expect(result.outcome).toBe("succeeded")
    expect(result.remarks.join("\n")).toContain("secret PAYMENT_KEY of web")
    const { revision, text } = newest(simulator)
    expect(revision).toBe(10)
    for (const word of ["PAYMENT_KEY", "QUEUE_URL", '"512"', "telemetry", "ARM64"])
      expect(text).toContain(word)
    const again = await run(simulator, changes(undefined, { action: "plan", commit: 1 }))
    expect(again.result.text).not.toContain("newer than the live")
  })

  it("stays unused and is named again with `live`, until the rule is `latest`", async () => {
    const simulator = await simulate({}, WORLD)
    const first = await run(simulator, changes("live"))
    expect(first.result.remarks.join("\n")).toContain("not made from clinic-web:9")
    expect(newest(simulator).text).not.toContain("PAYMENT_KEY")
    const plan = await run(simulator, changes("live", { action: "plan", commit: 1 }))
    expect(plan.result.text).toContain(
      "not made from clinic-web:9, which is newer than the live clinic-web:10",
    )
    await run(simulator, changes("latest", { commit: 1 }))
    expect(newest(simulator).text).toContain("PAYMENT_KEY")
  })

  it("is made from a file where slipway.yaml names one", async () => {
    const simulator = await simulate({}, WORLD)
    const definition = { cpu: "1024", memory: "2048", containerDefinitions: [{ name: "web", image: "any" }] }
    const request = { taskDefinitions: { "infra/web.json": definition } }
    const { result } = await run(simulator, changes({ file: "infra/web.json" }, { request }))
    expect(result.outcome).toBe("succeeded")
    expect(result.remarks.join("\n")).toMatch(/made from infra\/web.json, .*- environment LOG_LEVEL of web/)
    expect(newest(simulator).registered).toMatchObject({ cpu: "1024" })
    const strange = { "infra/web.json": { ...definition, containers: [] } }
    const wrong = await run(
      simulator,
      changes({ file: "infra/web.json" }, { commit: 1, request: { taskDefinitions: strange } }),
    )
    expect([wrong.result.outcome, wrong.result.what]).toEqual([
      "refused",
      expect.stringContaining("containers"),
    ])
  })
})

describe("a feature flag", () => {
  it("goes away when slipway.yaml no longer has it, and gives back the value of Terraform", async () => {
    const simulator = await simulate({}, { services: WORLD.services })
    const featureFlags = { BOOKING: "on", LOG_LEVEL: "debug" }
    await run(simulator, changes(undefined, { environment: { featureFlags } }))
    expect(newest(simulator).text).toContain('{"name":"BOOKING","value":"on"}')
    const plan = await run(simulator, changes(undefined, { action: "plan", commit: 1 }))
    expect(plan.result.text).toContain("- environment BOOKING of web")
    await run(simulator, changes(undefined, { commit: 1 }))
    expect(newest(simulator).text).not.toContain("BOOKING")
    expect(newest(simulator).text).toContain('{"name":"LOG_LEVEL","value":"info"}')
  })
})

type Definition = NonNullable<NonNullable<Changes["request"]>["taskDefinitions"]>[string]

/** Definitions as people write them, in files. */
const WRITTEN: Readonly<Record<string, Definition>> = {
  "the fewest members": {
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    cpu: "256",
    memory: "512",
    containerDefinitions: [{ name: "web", image: "any", portMappings: [{ containerPort: 8080 }] }],
  },
  "sizes in words, variables in the author's order, a health check of one member": {
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    cpu: ".5 vCPU",
    memory: "1 GB",
    volumes: [{ name: "scratch" }],
    containerDefinitions: [
      {
        name: "web",
        image: "any",
        healthCheck: { command: ["CMD", "true"] },
        mountPoints: [{ sourceVolume: "scratch", containerPath: "/tmp" }],
        environment: [
          { name: "PORT", value: "8080" },
          { name: "LOG_LEVEL", value: "info" },
        ],
      },
      { name: "telemetry", image: "collector", essential: false, portMappings: [{ containerPort: 4317 }] },
    ],
  },
  "every default written out, as the CLI's skeleton has them": {
    networkMode: "awsvpc",
    cpu: "256",
    memory: "512",
    volumes: [],
    placementConstraints: [],
    ipcMode: null,
    pidMode: null,
    proxyConfiguration: null,
    requiresCompatibilities: ["FARGATE"],
    containerDefinitions: [
      {
        name: "web",
        image: "any",
        cpu: 0,
        essential: true,
        links: null,
        privileged: null,
        environment: [],
        mountPoints: [],
        volumesFrom: [],
        secrets: null,
        dockerLabels: {},
        portMappings: [{ containerPort: 8080, hostPort: 8080, protocol: "tcp" }],
      },
    ],
  },
  "the output of describe-task-definition": {
    taskDefinitionArn: "arn:aws:ecs:eu-central-1:1:task-definition/clinic-web:3",
    revision: 3,
    status: "ACTIVE",
    requiresAttributes: [{ name: "ecs.capability.task-eni" }],
    compatibilities: ["EC2", "FARGATE"],
    registeredAt: "2026-01-01T00:00:00Z",
    registeredBy: "ann",
    family: "clinic-web",
    networkMode: "awsvpc",
    containerDefinitions: [{ name: "web", image: "any", cpu: 0, environment: [], essential: true }],
  },
  "bridge mode with a dynamic port": {
    containerDefinitions: [
      { name: "web", image: "any", memory: 256, portMappings: [{ containerPort: 80, hostPort: 0 }] },
    ],
  },
}

describe("a file that did not change", () => {
  it.each(Object.entries(WRITTEN))("deploys nothing again: %s", async (_name, definition) => {
    const simulator = await simulate({}, { services: WORLD.services })
    const request = { taskDefinitions: { "infra/web.json": definition } }
    const whole = changes({ file: "infra/web.json" }, { request })
    expect((await run(simulator, whole)).result.outcome).toBe("succeeded")
    const { revision } = newest(simulator)
    const again = { ...whole, request: { ...request, run: { id: "again", actor: "ann" } } }
    const plan = await run(simulator, { ...again, action: "plan" })
    expect(plan.result.text).toContain(`web: unchanged, stays clinic-web:${revision}`)
    const flagged = changes(
      { file: "infra/web.json" },
      { request, environment: { featureFlags: { NEW: "on" } } },
    )
    const next = await run(simulator, { ...flagged, commit: 1, action: "plan" })
    expect(next.result.text).toContain("+ NEW=on")
    for (const { result } of [plan, next]) expect(result.text).not.toContain("made from")
    expect((await run(simulator, again)).result.outcome).toBe("succeeded")
    expect(newest(simulator).revision).toBe(revision)
  })

  it("is another one with another port, size or variable", async () => {
    const simulator = await simulate({}, { services: WORLD.services })
    const container = { name: "web", image: "any", portMappings: [{ containerPort: 8080 }] }
    const file = { networkMode: "awsvpc", cpu: "256", memory: "512", containerDefinitions: [container] }
    const plan = async (definition: Definition) => {
      const request = { taskDefinitions: { "infra/web.json": definition } }
      const { result } = await run(
        simulator,
        changes({ file: "infra/web.json" }, { action: "plan", request }),
      )
      return result.text
    }
    await run(
      simulator,
      changes({ file: "infra/web.json" }, { request: { taskDefinitions: { "infra/web.json": file } } }),
    )
    const port = { ...container, portMappings: [{ containerPort: 8081 }] }
    expect(await plan({ ...file, containerDefinitions: [port] })).toContain("~ portMappings of web")
    expect(await plan({ ...file, cpu: "1 vCPU" })).toContain("~ cpu 256 → 1024")
    const variable = { ...container, environment: [{ name: "MODE", value: "x" }] }
    expect(await plan({ ...file, containerDefinitions: [variable] })).toContain("+ environment MODE of web")
    const idle = { ...container, essential: false }
    expect(await plan({ ...file, containerDefinitions: [idle] })).toContain("+ essential of web false")
  })
})
