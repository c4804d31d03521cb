/** Makes the sample outputs of docs/deploy.md from real runs: `npm run generate` writes them. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { withPart } from "../pages.ts"
import { type Changes, MIGRATION, type Ran, run, sameWorker, simulate, WHOLE } from "./rehearsal.ts"

const PAGE = fileURLToPath(new URL("../../docs/deploy.md", import.meta.url))

type Environment = NonNullable<Changes["environment"]>
type Service = NonNullable<Environment["services"]>[number]

const services = (web: Partial<Service>, both: Partial<Service> = {}): Environment => ({
  services: [
    { name: "web", container: "web", image: "web", ...both, ...web },
    { name: "worker", container: "worker", image: "worker", ...both },
  ],
})

const textOf = async (ran: Promise<Ran>): Promise<string> => (await ran).result.text

const deployed = async (scenario: string, environment: Environment = {}): Promise<string> =>
  textOf(run(await simulate(scenario), { environment }))

/** A release that changes web alone. */
async function unchanged(): Promise<string> {
  const simulator = await simulate()
  await run(simulator)
  return textOf(run(simulator, sameWorker(1)))
}

async function older(): Promise<string> {
  const simulator = await simulate()
  await run(simulator, { commit: 2 })
  return textOf(run(simulator, { commit: 1 }))
}

/** A deployment whose migration nobody tried under the live release. */
async function untried(): Promise<string> {
  const simulator = await simulate()
  const environment = { migration: { ...MIGRATION, compatible: "required" } } as const
  await run(simulator, { environment })
  return textOf(run(simulator, { environment, commit: 1 }))
}

/** Three runs of the same environment: what `status` shows of them. */
async function queue(): Promise<string> {
  const simulator = await simulate()
  const others: Promise<Ran>[] = []
  const status = (line: string) => {
    if (/^ {2}waiting for/.test(line)) others.push(run(simulator, { action: "status" }))
  }
  const back = (line: string) => {
    if (!/^ {2}waiting for/.test(line)) return
    const request = { run: { id: "run-3", actor: "bob", url: "https://ci.example.org/runs/3" } }
    others.push(run(simulator, { action: "rollback", request }, { print: status }))
  }
  const waits = (line: string) => {
    if (/✓ health/.test(line)) others.push(run(simulator, { commit: 1 }, { print: back }))
  }
  await run(simulator, { environment: { bake: { minutes: 2 } } }, { print: waits })
  for (let count = 0; count < others.length; count += 1) await others[count]
  const shown = (await others[2])?.result.details ?? []
  return shown.filter((line) => /^(lease|waiting| {13}\d)/.test(line)).join("\n")
}

const SAMPLES: Readonly<Record<string, () => Promise<string>>> = {
  queue,
  older,
  unchanged,
  untried,
  success: () => deployed("success"),
  crash: () => deployed("crash-loop"),
  "rollback-fails": () => deployed("rollback-fails"),
  superseded: () => deployed("superseded"),
  "still-running": () => deployed("nothing-placed", services({}, { timeoutMinutes: 5 })),
  question: () =>
    deployed(
      "paused-hook",
      services({ strategy: { kind: "blue-green", bakeMinutes: 1 }, pause: { before: "production-traffic" } }),
    ),
  "migration-fails": () => deployed("migration-fails", WHOLE),
}

test("the samples of docs/deploy.md are what the deployer says", async () => {
  let page = readFileSync(PAGE, "utf8")
  for (const [name, make] of Object.entries(SAMPLES))
    page = withPart(page, `sample: ${name}`, ["```", await make(), "```"])
  await expect(page).toMatchFileSnapshot(PAGE)
})
