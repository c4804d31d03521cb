import type { FastifyRequest, FastifyServerOptions } from "fastify"

const PERSONAL_FIELDS = [
  "givenName",
  "familyName",
  "patientName",
  "birthDate",
  "phone",
  "email",
  "recordNumber",
  "reason",
]

type LoggerOptions = Exclude<FastifyServerOptions["logger"], boolean | undefined>

/** Where log lines go; standard output when absent. */
export interface LogStream {
  write(line: string): void
}

export function loggerOptions(level: string, stream?: LogStream): LoggerOptions {
  return {
    level,
    base: { service: "medflow-backend" },
    redact: {
      paths: PERSONAL_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: "[redacted]",
    },
    serializers: { req: loggedRequest, err: loggedError },
    ...(stream ? { stream } : {}),
  }
}

/** The route's pattern, not its address: query strings and identifiers stay out of the log. */
function loggedRequest(request: FastifyRequest): Record<string, unknown> {
  return { method: request.method, route: request.routeOptions.url ?? "none" }
}

interface LoggedError extends Record<string, unknown> {
  type: string
  message: string
  stack: string
}

/**
 * Messages and details of the database's errors quote the row that broke a constraint, so that only
 * the error's kind and place are logged.
 */
export function loggedError(error: Error): LoggedError {
  const frames = error.stack?.split("\n").filter((line) => line.startsWith("    at ")) ?? []
  return {
    type: error.name,
    message: "withheld: it may quote personal data",
    stack: frames.join("\n"),
    code: "code" in error ? error.code : undefined,
    constraint: "constraint" in error ? error.constraint : undefined,
  }
}
