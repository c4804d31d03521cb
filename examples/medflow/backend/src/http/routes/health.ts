import type { FastifyInstance } from "fastify"
import type { Database } from "../../ports.js"

export function healthRoutes(app: FastifyInstance, database: Database): void {
  // Restarting the process mends nothing when the database is away: liveness doesn't ask for it.
  app.get("/health", () => ({ status: "ok" }))

  app.get("/api/health", async (request, reply) => {
    try {
      await database.ping()
      return { status: "ok", database: "ok" }
    } catch (error) {
      request.log.warn({ err: error }, "the database is out of reach")
      return reply.code(503).send({ status: "degraded", database: "unreachable" })
    }
  })
}
