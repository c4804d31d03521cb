import type { FastifyRequest } from "fastify"
import { AppError } from "../errors.js"

/**
 * Staff sign in at the hospital's identity proxy, which sets this header and strips it from what
 * comes from outside. Without it nobody could be named in the audit log.
 */
const ACTOR_HEADER = "x-medflow-user"

const ACTOR = /^[A-Za-z0-9._@-]{1,64}$/

export function actorOf(request: FastifyRequest): string {
  const header = request.headers[ACTOR_HEADER]
  if (typeof header !== "string" || !ACTOR.test(header)) {
    throw new AppError("unidentified", ["actor-missing"])
  }
  return header
}
