import { withoutTraces } from "../formats/clean.js"
import { anyOf } from "../formats/pattern.js"
import type { Cause } from "./causes.js"
import { Fault, located } from "./fault.js"
import type { StageOutcome } from "./result.js"

/** A registry's answer to a pull, as engines repeat it: `405 trivy is not built on this engine. …`. */
const ANSWER = /unexpected status from \w+ request to \S+: (\d{3}) (.+)/

/** A registry answers with it where it does not do what it is asked: `UNSUPPORTED` in the OCI distribution spec. */
const UNSUPPORTED = "405"
/** The reason in the status line of a registry that gives none of its own (RFC 9110). */
const NO_REASON = "Method Not Allowed"

/**
 * Returns why a registry does not offer an image though it knows it, in the registry's own words: what to type, for
 * one. Returns null for any other error.
 */
export function notOffered(error: unknown): string | null {
  const [, status, reason = ""] = ANSWER.exec(error instanceof Error ? error.message : "") ?? []
  return status === UNSUPPORTED && !reason.startsWith(NO_REASON) ? withoutTraces(reason).trim() : null
}

/** Returns why an image cannot be pulled, from an engine's error. */
function pullFault(message: string): string {
  const [line = ""] = message.split("\n")
  const [, , reason] = ANSWER.exec(line) ?? []
  return reason ?? line.slice(line.lastIndexOf(": ") + 2)
}

/** The meaning of an engine's error, by its words. The first match counts. */
const MEANINGS: readonly {
  readonly pattern: RegExp
  readonly cause: Cause
  readonly say: (match: RegExpExecArray, message: string) => string
}[] = [
  {
    pattern: anyOf([
      /failed to resolve image "?([^"\s]+?)"?:?\s/,
      /failed to resolve source metadata for (\S+?):(?:\s|$)/,
      /Dockerfile to LLB: (\S+): (?:\S+: not found(?! \(did you mean)|failed to (?:do request|authorize|fetch)|unexpected status from|pull access denied|(?:\S+: )?(?:EOF|i\/o timeout|TLS handshake timeout)$)/m,
    ]),
    cause: "download",
    say: ([, image, other, base], message) =>
      `cannot pull \`${image ?? other ?? base}\`: ${pullFault(message)}. Check the name, or set \`images.prefix\` in slipway.yaml to a mirror`,
  },
  {
    // An engine with `security.insecureRootCapabilities: false`, https://docs.dagger.io/reference/configuration/engine/
    pattern: /\bsecurity\.insecure is not allowed/,
    cause: "service",
    say: () =>
      "this engine runs no privileged containers, and the stage needs one (`tests.docker`): set `security.insecureRootCapabilities` to true in its engine.json, or use another engine",
  },
  {
    pattern:
      /\bstart \w+ \(aliased as ([\w.-]+)\)|(?:failed to start|start) (?:host )?service|health ?check|service exited/i,
    cause: "service",
    say: ([, name], message) => {
      const said = message.trim().split("\n").slice(1).at(-1)
      const service = name ? `the service ${name}` : "a service that the stage needs"
      return [`${service} did not start`, said?.trim()].filter(Boolean).join(": ")
    },
  },
  {
    pattern: /no answer from the engine in \d+ s/,
    cause: "timed-out",
    say: ([text]) => `${text}: the engine is overloaded, or a download hangs`,
  },
]

/** Returns the outcome of a stage that threw: the engine's error, and its meaning. */
export function explain(error: unknown): StageOutcome {
  if (error instanceof Fault && error.code !== "no-project") {
    const { code, where, what, message } = error
    return errored(code, located(where, what.split("\n").join("; ")), message)
  }
  const message = error instanceof Error ? describe(error) : String(error)
  const refusal = notOffered(error)
  if (refusal !== null) return errored("download", refusal, message)
  for (const { pattern, cause, say } of MEANINGS) {
    const match = pattern.exec(message)
    if (match) return errored(cause, say(match, message), message)
  }
  return errored("errored", message.split("\n")[0] ?? "the engine gave no reason", message)
}

/** Returns the outcome of a stage that could not check anything. */
export function errored(cause: Cause, summary: string, log: string): StageOutcome {
  return {
    verdict: "errored",
    cause,
    summary,
    findings: [],
    tests: [],
    steps: [],
    log: { text: log, lines: log.split("\n").length },
  }
}

/** An engine's name of what it was loading: the encoded call. */
const CALL =
  /(?:failed to load \w+ from converted ID: )?load (?:\w+@[\w+/=-]{40,}|xxh3:[0-9a-f]+):? ?(?:inputs: )?/g

/** Returns an error's message with the output of its command, if there is one. */
function describe(error: Error): string {
  const written = ["stdout", "stderr"].flatMap((name) => {
    const value: unknown = Reflect.get(error, name)
    return typeof value === "string" && value.trim() !== "" ? [value] : []
  })
  return [withoutTraces(error.message.replace(CALL, "")).trim(), ...written].join("\n")
}

/** Returns the command of an engine's error and its exit code; null for other errors. */
export function failedCommand(
  error: unknown,
): { readonly command: string; readonly exitCode: number } | null {
  if (!(error instanceof Error)) return null
  const [command, exitCode]: unknown[] = [Reflect.get(error, "cmd"), Reflect.get(error, "exitCode")]
  return Array.isArray(command) && typeof exitCode === "number"
    ? { command: command.join(" "), exitCode }
    : null
}
