import { describe, expect, test } from "vitest"
import { liveImages } from "../../../ci/src/deploy/scan-live.js"
import { pinnedName } from "../../../ci/src/image/reference.js"
import { EMPTY_LEDGER, type ReleaseRecord } from "../../../modules/deploy/program/plan/state.ts"
import { knownOf } from "../../../modules/deploy/program/steps/live.ts"

const image = (letter: string) => `registry.example.org/team/app@sha256:${letter.repeat(64)}`
const service = (name: string, running: string | null, besides: readonly (string | null)[] = []) => ({
  service: name,
  revision: "app:1",
  image: running,
  besides: besides.map((one) => ({ image: one })),
})

describe("the images that an environment runs", () => {
  test("are those of all services and of rollouts under way, each once", () => {
    const services = [service("web", image("a"), [image("b")]), service("worker", image("a"))]
    expect(liveImages({ services }, "production").map(pinnedName)).toEqual([image("a"), image("b")])
  })

  test.each([
    ["that could not be looked at", { unknown: "AccessDenied" }, "could not be looked at: AccessDenied"],
    [
      "that somebody else deployed",
      { services: [service("web", null)] },
      "as web was not deployed by Slipway",
    ],
    [
      "that somebody else deploys",
      { services: [service("web", image("a"), [null])] },
      "as web was not deployed by Slipway",
    ],
    [
      "that are not there",
      { services: [{ ...service("web", null), revision: null }] },
      "nothing runs in production",
    ],
  ])("%s are no images without a finding", (_what, live, why) => {
    expect(() => liveImages(live, "production")).toThrow(expect.objectContaining({ code: "no-image" }))
    expect(() => liveImages(live, "production")).toThrow(why)
  })
})

describe("what the ledger knows of a revision", () => {
  const release: ReleaseRecord = {
    ...{ number: 1, action: "deploy", commit: "c", author: "ann", images: { app: image("a") } },
    revisions: { web: "web:7" },
    ...{
      deployments: {},
      outcome: "succeeded",
      proven: true,
      migration: null,
      snapshot: null,
      verdict: null,
    },
    ...{ approvals: [], breakGlass: null, run: { id: "r", url: null, actor: "ann" }, started: 0, ended: 0 },
  }
  const ledger = { ...EMPTY_LEDGER, releases: [release] }
  const web = { name: "web", image: "app" }

  test("is the commit and the image of the release that made it", () => {
    expect(knownOf(ledger, web, "web:7")).toEqual({ commit: "c", image: image("a") })
  })

  test("is nothing where no release made it", () => {
    const nothing = { commit: null, image: null }
    expect(knownOf(ledger, web, "web:6")).toEqual(nothing)
    expect(knownOf(ledger, web, null)).toEqual(nothing)
    expect(knownOf(ledger, { ...web, name: "worker" }, "web:7")).toEqual(nothing)
  })
})
