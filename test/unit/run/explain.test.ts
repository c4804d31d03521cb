import { describe, expect, test } from "vitest"
import { explain, failedCommand, notOffered } from "../../../ci/src/run/explain.js"

const PULL =
  'failed to do request: Head "https://registry.invalid/v2/a/manifests/1": dial tcp: lookup registry.invalid on 10.87.0.1:53: no such host'
const ENCODED = `Container@${"CvkOChV4eGgzOmM5".repeat(9)}`

/** An engine's error about a command carries what that wrote. */
function execError(message: string, fields: object): Error {
  return Object.assign(new Error(message), { cmd: [], exitCode: 1, stdout: "", stderr: "", ...fields })
}

describe("what an engine says", () => {
  test.each([
    [
      'failed to resolve image "docker.io/library/postgres:99-alpine" (platform: "linux/amd64"): docker.io/library/postgres:99-alpine: not found',
      "docker.io/library/postgres:99-alpine",
    ],
    [
      `failed to resolve image "registry.invalid/a:1" (platform: "linux/amd64"): ${PULL}`,
      "registry.invalid/a:1",
    ],
    [
      "failed to convert Dockerfile to LLB: nothing-like-it:1: docker.io/library/nothing-like-it:1: not found",
      "nothing-like-it:1",
    ],
    [`failed to convert Dockerfile to LLB: registry.invalid/a:1: ${PULL}`, "registry.invalid/a:1"],
    [
      "failed to convert Dockerfile to LLB: node:16-buster: unexpected status from HEAD request to http://127.0.0.1:5000/v2/library/node/manifests/16-buster?ns=docker.io: 424 cannot make node:16-buster",
      "node:16-buster",
    ],
    [
      "failed to convert Dockerfile to LLB: private/a:1: pull access denied, repository does not exist or may require authorization",
      "private/a:1",
    ],
    [
      "failed to solve: failed to resolve source metadata for docker.io/library/x:1: not found",
      "docker.io/library/x:1",
    ],
  ])("of an image that it cannot have names it and the way out: %s", (message, image) => {
    const outcome = explain(new Error(message))
    expect(outcome).toMatchObject({ verdict: "errored", cause: "download" })
    expect(outcome.summary).toContain(`cannot pull \`${image}\``)
    expect(outcome.summary).toContain("images.prefix")
    expect(outcome.log.text).toBe(message)
  })

  test.each([
    [
      execError("start 0udmf4utbrdk8 (aliased as postgres): exit code: 1 [traceparent:e0d7-a130]", {
        cmd: ["postgres"],
        stderr: 'exec: "postgres": executable file not found in $PATH\n',
      }),
      'the service postgres did not start: exec: "postgres": executable file not found in $PATH',
    ],
    [
      execError(
        "start h4mnem6n3fmjs (aliased as db): service exited before healthcheck [traceparent:a] [traceparent:b]",
        {},
      ),
      "the service db did not start",
    ],
    [new Error("failed to start service: context canceled"), "a service that the stage needs did not start"],
  ])("of a service that ends at once names it and its last words", (error, summary) => {
    const outcome = explain(error)
    expect(outcome).toMatchObject({ verdict: "errored", cause: "service", summary })
    expect(outcome.log.text).not.toContain("traceparent")
  })

  test("tells why an image cannot be pulled in the registry's own words", () => {
    expect(explain(new Error(answered("403 the scanner's licence has expired"))).summary).toContain(
      "cannot pull `docker.io/a/b:1`: the scanner's licence has expired. ",
    )
  })

  test("of no answer is a timeout", () => {
    expect(explain(new Error("install: no answer from the engine in 1800 s"))).toMatchObject({
      verdict: "errored",
      cause: "timed-out",
    })
  })

  test.each([
    "failed to convert Dockerfile to LLB: dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)",
    "failed to convert Dockerfile to LLB: zz: docker.io/library/zz:latest: not found (did you mean a?)",
    "connection reset by peer",
  ])("of anything else is quoted: %s", (message) => {
    expect(explain(new Error(message))).toMatchObject({
      verdict: "errored",
      cause: "errored",
      summary: message,
    })
  })

  test("is shorn of the calls that it encodes", () => {
    const message = `failed to load container from converted ID: load ${ENCODED}: load xxh3:c9bc: inputs: load xxh3:3c47: inputs: failed to copy source directory: lstat /gone.txt: no such file or directory`
    expect(explain(new Error(message)).summary).toBe(
      "failed to copy source directory: lstat /gone.txt: no such file or directory",
    )
  })

  test.each([["a text"], [undefined], [null], [{ a: 1 }]])("may be no error at all: %j", (thrown) => {
    expect(explain(thrown)).toMatchObject({ verdict: "errored", cause: "errored" })
  })
})

const answered = (status: string) =>
  `failed to resolve image "docker.io/a/b:1" (platform: "linux/amd64"): unexpected status from GET request to http://127.0.0.1:5000/v2/a/b/manifests/1?ns=docker.io: ${status}`

describe("notOffered", () => {
  test("gives the words of a registry that does not offer an image", () => {
    const error = new Error(`${answered("405 b is not built here. Type `make b`")} [traceparent:e0d7-a130]`)
    expect(notOffered(error)).toBe("b is not built here. Type `make b`")
    expect(explain(error)).toMatchObject({
      verdict: "errored",
      cause: "download",
      summary: "b is not built here. Type `make b`",
    })
  })

  test.each([
    "405 Method Not Allowed",
    "403 quarantined by the site's policy",
    "401 Unauthorized",
    "404 Not Found",
    "500 Internal Server Error",
  ])("gives nothing for a pull that failed: %s", (status) => {
    expect(notOffered(new Error(answered(status)))).toBeNull()
  })

  test.each([
    [new Error("405 b is not built")],
    ["a text"],
    [null],
  ])("gives nothing for another error: %s", (error) => {
    expect(notOffered(error)).toBeNull()
  })
})

describe("the command of an error", () => {
  test("is known with its exit code", () => {
    const error = execError("failed", { cmd: ["/bin/sh", "-c", "exit 3"], exitCode: 3 })
    expect(failedCommand(error)).toEqual({ command: "/bin/sh -c exit 3", exitCode: 3 })
  })

  test.each([[new Error("other")], ["text"], [null]])("is none for another", (error) => {
    expect(failedCommand(error)).toBeNull()
  })
})
