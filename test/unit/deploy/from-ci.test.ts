import { describe, expect, test, vi } from "vitest"
import { readFacts } from "../../../ci/src/deploy/commits.js"
import { promotion } from "../../../ci/src/deploy/promote.js"
import { rehearsalOf } from "../../../ci/src/deploy/rehearsal.js"
import { type DeployRequest, deployRequest } from "../../../ci/src/deploy/request.js"
import { parsePinned } from "../../../ci/src/image/reference.js"
import { NO_CONTEXT } from "../../../ci/src/run/context.js"
import { parseConfig } from "../../../ci/src/settings.js"

const DIGEST = `sha256:${"a".repeat(64)}`
const HEAD = "c".repeat(40)
const OLDER = "b".repeat(40)

const config = parseConfig(`
environments:
  staging:
    account: "123456789012"
    region: eu-central-1
    cluster: medflow
    state: { bucket: medflow-state }
    services: [{ name: web, container: web, image: web }]
  production:
    production: true
    account: "123456789012"
    region: eu-central-1
    cluster: medflow-production
    state: { bucket: medflow-state }
    services: [{ name: web, container: web, image: web }]
image: { workspaces: { backend: { repository: clinic/api } } }
`)

const options: DeployRequest = {
  action: "deploy",
  environment: "staging",
  images: [`registry.example.org/clinic/api@${DIGEST}`, `registry.example.org/web@${DIGEST}`].map(
    parsePinned,
  ),
  approvals: "",
  breakGlass: "",
  answer: "",
  to: 0,
  from: "",
  takeOver: false,
  repair: false,
  trial: null,
  wayBack: false,
}

const commits = readFacts(`false
commit ${HEAD} ${OLDER}
author Ada <ada@home>
author Ada <ada@example.org>
      CO-AUTHORED-BY:  Bob <bob@home>
    Co-authored-by: Cleo <cleo@example.org>
commit ${OLDER} 
author Dan <dan@example.org>
same Bob <bob@home>\tBob <bob@example.org>
`)
const surroundings = {
  config,
  context: { ...NO_CONTEXT, vendor: "github", run: "17", actor: "ada-l", starters: ["ada@work.example"] },
  commits,
}

describe("deployRequest", () => {
  test("names images by workspace and lists who must not approve", () => {
    expect(deployRequest(options, surroundings)).toMatchObject({
      environment: { name: "staging", cluster: "medflow" },
      release: {
        commit: HEAD,
        ancestors: [OLDER],
        complete: true,
        authors: ["Ada <ada@home>", "ada-l", "ada@work.example"],
        images: {
          backend: `registry.example.org/clinic/api@${DIGEST}`,
          web: `registry.example.org/web@${DIGEST}`,
        },
      },
      run: { id: "github-17", unique: true, number: "17", actor: "ada-l" },
      breakGlass: null,
    })
  })

  test("counts a command that is typed again on a laptop as another attempt", () => {
    const typed = (at: string) => {
      vi.useFakeTimers().setSystemTime(new Date(at))
      return deployRequest(options, { ...surroundings, context: { ...NO_CONTEXT, actor: "ada" } })
    }
    const [first, second] = [typed("2026-01-01T10:00:00Z"), typed("2026-01-01T10:05:00Z")]
    vi.useRealTimers()
    const id = `local-${HEAD.slice(0, 12)}`
    expect(first).toMatchObject({ run: { id, unique: false, attempt: 1767261600 } })
    expect(second).toMatchObject({ run: { id, unique: false, attempt: 1767261900 } })
  })

  test("names the person who breaks the glass", () => {
    expect(deployRequest({ ...options, breakGlass: "the clinic is down" }, surroundings)).toMatchObject({
      breakGlass: { by: "ada-l", reason: "the clinic is down" },
    })
  })

  test.each([
    ["an unknown environment", { environment: "stagin" }, /environment "stagin"; did you mean staging/],
    ["approvals that are not JSON", { approvals: "ada" }, /approvals.*JSON/],
    ["approvals of which one is not JSON", { approvals: '{"a":1}\n{"b"' }, /approvals.*JSON/],
  ])("refuses %s", (_what, change, message) => {
    expect(() => deployRequest({ ...options, ...change }, surroundings)).toThrow(message)
  })

  test.each([
    ['[{"a":1},{"b":2}]'],
    ['{"a":1}\n{"b":2}\n'],
    ['[{"a":1}]\n\n{"b":2}'],
  ])("takes approvals of several people: %j", (approvals) =>
    expect(deployRequest({ ...options, approvals }, surroundings)).toMatchObject({
      approvals: [{ a: 1 }, { b: 2 }],
    }))

  const alone = { ...surroundings, context: NO_CONTEXT }
  test.each([
    ["breaks the glass", { breakGlass: "the clinic is down" }],
    ["deploys to production", { environment: "production" }],
    [
      "returns to an earlier release in production",
      { environment: "production", action: "rollback" as const },
    ],
  ])("refuses a run that %s and that nobody started", (_what, change) =>
    expect(() => deployRequest({ ...options, ...change }, alone)).toThrow(
      /nobody can tell who starts this run/,
    ))

  test("does not take the author of the commit for who starts a run", () => {
    expect(deployRequest(options, alone)).toMatchObject({ run: { actor: "unknown" } })
    expect(deployRequest({ ...options, environment: "production", action: "status" }, alone)).toBeDefined()
  })
})

test("reads everybody who wrote a commit, with the names of the mailmap", () => {
  expect(commits.history).toEqual([
    {
      commit: HEAD,
      parents: [OLDER],
      authors: [
        ...["Ada <ada@home>", "Ada <ada@example.org>", "Bob <bob@home>", "Bob <bob@example.org>"],
        "Cleo <cleo@example.org>",
      ],
    },
    { commit: OLDER, parents: [], authors: ["Dan <dan@example.org>"] },
  ])
})

test("marks the history of a shallow clone as incomplete", () => {
  expect(readFacts(`true\ncommit ${HEAD} ${OLDER}\nauthor Ada <a@b>\nauthor Ada <a@b>\n`)).toMatchObject({
    ancestors: [],
    complete: false,
  })
})

describe("promotion", () => {
  const images = { web: `registry.example.org/web@${DIGEST}`, api: `registry.example.org/api@${DIGEST}` }

  test("returns the images of the proven release", () => {
    expect(promotion({ proven: { commit: HEAD, images, since: 1 } }, "staging", HEAD)).toEqual({
      images: `${images.web},${images.api}`,
    })
  })

  test("is refused without a proven release", () => {
    expect(promotion({ proven: null }, "staging", HEAD)).toMatchObject({ exitCode: 44 })
  })

  test("is refused if another commit is checked out", () => {
    expect(() => promotion({ proven: { commit: OLDER, images, since: 1 } }, "staging", HEAD)).toThrow(
      `check out ${OLDER}`,
    )
  })
})

test("a rehearsal has the test listeners that services are checked on", () => {
  const service = { name: "web", container: "web", image: "web" }
  const testTraffic = { checks: [{ url: "https://app.example.org:8443/health" }] }
  const rehearsal = rehearsalOf(
    {
      account: "123456789012",
      region: "eu-central-1",
      cluster: "medflow",
      services: [{ ...service, testTraffic }],
      checks: [{ url: "https://app.example.org/health" }],
    },
    HEAD,
  )
  expect(rehearsal?.world).toMatchObject({
    services: [{ hosts: ["app.example.org"], testHosts: ["app.example.org:8443"] }],
  })
  expect(rehearsal?.endpoints["https://app.example.org:8443"]).toMatch(/\/_alb\/app\.example\.org:8443$/)
})
