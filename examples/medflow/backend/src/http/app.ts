import { randomUUID } from "node:crypto"
import Fastify, { type FastifyInstance } from "fastify"
import type { Surroundings } from "../ports.js"
import { actorOf } from "./actor.js"
import { installErrorHandling } from "./errors.js"
import { loggerOptions, type LogStream } from "./logging.js"
import { appointmentRoutes } from "./routes/appointments.js"
import { healthRoutes } from "./routes/health.js"
import { patientRoutes } from "./routes/patients.js"
import { practitionerRoutes } from "./routes/practitioners.js"

const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}

export interface AppOptions extends Surroundings {
  readonly logLevel: string
  readonly logStream?: LogStream
}

export function buildApp(options: AppOptions): FastifyInstance {
  const app = Fastify({
    logger: loggerOptions(options.logLevel, options.logStream),
    bodyLimit: 64 * 1024,
    genReqId: () => randomUUID(),
  })
  installErrorHandling(app)
  app.addHook("onSend", (_request, reply, _payload, done) => {
    void reply.headers(SECURITY_HEADERS)
    done()
  })
  healthRoutes(app, options.database)
  app.register((staffOnly, _options, done) => {
    staffOnly.addHook("onRequest", (request, _reply, next) => {
      actorOf(request)
      next()
    })
    patientRoutes(staffOnly, options)
    practitionerRoutes(staffOnly, options)
    appointmentRoutes(staffOnly, options)
    done()
  })
  return app
}
