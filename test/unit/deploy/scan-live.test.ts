import { describe, expect, test } from "vitest"
import { liveImages } from "../../../ci/src/deploy/scan-live.js"
import { pinnedName } from "../../../ci/src/image/reference.js"
import { EMPTY_LEDGER } from "../../../modules/deploy/program/core/ledger.ts"
import { knownOf } from "../../../modules/deploy/program/ecs/see.ts"
import { record } from "./records.ts"

const image = (letter: string) => `registry.example.org/team/app@sha256:${letter.repeat(64)}`
const service = (name: string, running: string | null, besides: readonly (string | null)[] = []) => ({
  service: name,
  revision: "app:1",
  desired: 1,
  image: running,
  commit: null,
  besides: besides.map((one) => ({ image: one, commit: null })),
})

describe("liveImages", () => {
  test("returns each image of all services and running rollouts once", () => {
    const services = [service("web", image("a"), [image("b")]), service("worker", image("a"))]
    expect(liveImages({ services }, "production").map(pinnedName)).toEqual([image("a"), image("b")])
  })

  test.each([
    ["AWS cannot be read", { unknown: "AccessDenied" }, "AccessDenied"],
    [
      "somebody else deployed one",
      { services: [service("web", null)] },
      /web in production .*Slipway did not deploy/,
    ],
    [
      "somebody else is deploying one",
      { services: [service("web", image("a"), [null])] },
      /web in production .*Slipway did not deploy/,
    ],
    ["none runs", { services: [{ ...service("web", null), revision: null }] }, "nothing runs in production"],
  ])("fails if %s", (_what, live, why) => {
    expect(() => liveImages(live, "production")).toThrow(expect.objectContaining({ code: "no-image" }))
    expect(() => liveImages(live, "production")).toThrow(why)
  })
})

describe("knownOf", () => {
  const release = record(1, { commit: "c", images: { app: image("a") }, revisions: { web: "web:7" } })
  const ledger = { ...EMPTY_LEDGER, releases: [release] }
  const web = { name: "web", image: "app" }

  test("returns commit and image of the release that made the revision", () => {
    expect(knownOf(ledger, web, "web:7")).toEqual({ commit: "c", image: image("a") })
  })

  test("returns nothing for a revision that no release made", () => {
    const nothing = { commit: null, image: null }
    expect(knownOf(ledger, web, "web:6")).toEqual(nothing)
    expect(knownOf(ledger, web, null)).toEqual(nothing)
    expect(knownOf(ledger, { ...web, name: "worker" }, "web:7")).toEqual(nothing)
  })
})
