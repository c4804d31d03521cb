import type { FastifyInstance } from "fastify"
import { clockText, toLocal } from "../../domain/time.js"
import type { Surroundings } from "../../ports.js"
import * as practitioners from "../../services/practitioners.js"
import { idParams, newPractitioner, slotQuery } from "../schemas.js"

export function practitionerRoutes(app: FastifyInstance, given: Surroundings): void {
  app.get("/api/practitioners", async () => ({
    practitioners: await practitioners.listPractitioners(given),
  }))

  app.post("/api/practitioners", async (request, reply) => {
    const input = newPractitioner.parse(request.body)
    return reply.code(201).send(await practitioners.addPractitioner(given, input))
  })

  app.get("/api/practitioners/:id/slots", async (request) => {
    const { id } = idParams.parse(request.params)
    const { date, minutes } = slotQuery.parse(request.query)
    const slots = await practitioners.slotsOf(given, id, date, minutes)
    return {
      slots: slots.map(({ start }) => ({
        startsAt: start,
        localTime: clockText(toLocal(start, given.timeZone).minute),
      })),
    }
  })
}
