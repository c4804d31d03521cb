import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { ZodError } from "zod"
import { AppError, type ErrorKind } from "../errors.js"

const STATUS: Record<ErrorKind, number> = {
  "not-found": 404,
  conflict: 409,
  rejected: 422,
  unidentified: 401,
}

interface ErrorBody {
  readonly error: string
  readonly codes?: readonly string[]
  readonly fields?: readonly string[]
  readonly requestId?: string
}

/** Answers name codes and fields, never values: an error page must not show anyone's data. */
export function installErrorHandling(app: FastifyInstance): void {
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: "not-found" }))
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof AppError) {
      return answer(reply, STATUS[error.kind], { error: error.kind, codes: error.codes })
    }
    if (error instanceof ZodError) {
      const fields = [...new Set(error.issues.map((issue) => issue.path.join(".")))]
      return answer(reply, 400, { error: "invalid", fields })
    }
    const status = clientStatus(error)
    if (status !== undefined) return answer(reply, status, { error: "invalid", fields: [] })
    return unexpected(error, request, reply)
  })
}

function unexpected(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.log.error({ err: error }, "request failed")
  return answer(reply, 500, { error: "internal", requestId: request.id })
}

function answer(reply: FastifyReply, status: number, body: ErrorBody): FastifyReply {
  return reply.code(status).send(body)
}

/** Fastify's own refusals, such as a body that is too large or not JSON. */
function clientStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined
  const { statusCode } = error
  return typeof statusCode === "number" && statusCode < 500 ? statusCode : undefined
}
