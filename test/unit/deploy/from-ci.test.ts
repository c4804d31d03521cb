import { describe, expect, test } from "vitest"
import { readFacts } from "../../../ci/src/deploy/commits.js"
import { promotion } from "../../../ci/src/deploy/promote.js"
import { type Asked, deployRequest } from "../../../ci/src/deploy/request.js"
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
image: { workspaces: { backend: { repository: clinic/api } } }
`)

const asked: Asked = {
  action: "deploy",
  environment: "staging",
  images: [`registry.example.org/clinic/api@${DIGEST}`, `registry.example.org/web@${DIGEST}`].map(
    parsePinned,
  ),
  approvals: "",
  breakGlass: "",
  answer: "",
  to: 0,
}

const commits = readFacts(`Ada <ada@example.org>\nfalse\n${HEAD}\n${OLDER}\n`)
const around = { config, context: { ...NO_CONTEXT, vendor: "github", run: "17", actor: "ada-l" }, commits }

describe("a request to the deployer", () => {
  test("has the environment, its images by the names of their workspaces, and who must not approve", () => {
    expect(deployRequest(asked, around)).toMatchObject({
      environment: { name: "staging", cluster: "medflow" },
      release: {
        commit: HEAD,
        ancestors: [OLDER],
        complete: true,
        authors: ["Ada <ada@example.org>", "Ada", "ada@example.org", "ada-l"],
        images: {
          backend: `registry.example.org/clinic/api@${DIGEST}`,
          web: `registry.example.org/web@${DIGEST}`,
        },
      },
      run: { id: "github-17", actor: "ada-l" },
      breakGlass: null,
    })
  })

  test("says who breaks the glass", () => {
    expect(deployRequest({ ...asked, breakGlass: "the clinic is down" }, around)).toMatchObject({
      breakGlass: { by: "ada-l", reason: "the clinic is down" },
    })
  })

  test.each([
    [
      "an environment that is not there",
      { environment: "stagin" },
      /no environment "stagin"; did you mean staging/,
    ],
    ["approvals that are no JSON", { approvals: "ada" }, /the approvals are no JSON/],
  ])("refuses %s", (_what, change, message) => {
    expect(() => deployRequest({ ...asked, ...change }, around)).toThrow(message)
  })
})

test("a history that is cut off does not pass for the whole", () => {
  expect(readFacts(`Ada <a@b>\ntrue\n${HEAD}\n`)).toMatchObject({ ancestors: [], complete: false })
})

describe("a promotion", () => {
  const images = { web: `registry.example.org/web@${DIGEST}`, api: `registry.example.org/api@${DIGEST}` }

  test("takes the images of the release that is proven where it comes from", () => {
    expect(promotion({ proven: { commit: HEAD, images } }, "staging", HEAD)).toEqual({
      images: `${images.web},${images.api}`,
    })
  })

  test("is refused where nothing is proven, and where another commit is checked out", () => {
    expect(promotion({ proven: null }, "staging", HEAD)).toMatchObject({ exitCode: 44 })
    expect(() => promotion({ proven: { commit: OLDER, images } }, "staging", HEAD)).toThrow(
      `check out ${OLDER}`,
    )
  })
})
