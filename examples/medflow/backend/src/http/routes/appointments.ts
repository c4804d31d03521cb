import type { FastifyInstance } from "fastify"
import { clockText, toLocal } from "../../domain/time.js"
import type { Surroundings } from "../../ports.js"
import * as appointments from "../../services/appointments.js"
import { actorOf } from "../actor.js"
import { dayQuery, idParams, newAppointment, reminderQuery, statusChange } from "../schemas.js"

export function appointmentRoutes(app: FastifyInstance, given: Surroundings): void {
  const shown = <T extends { startsAt: Date }>(appointment: T): T & { localTime: string } => ({
    ...appointment,
    localTime: clockText(toLocal(appointment.startsAt, given.timeZone).minute),
  })

  app.get("/api/appointments", async (request) => {
    const { date, practitionerId } = dayQuery.parse(request.query)
    const listed = await appointments.listDay(given, actorOf(request), date, practitionerId)
    return { date, appointments: listed.map(shown) }
  })

  app.post("/api/appointments", async (request, reply) => {
    const input = newAppointment.parse(request.body)
    const booked = await appointments.book(given, actorOf(request), input)
    return reply.code(201).send(shown(booked))
  })

  app.put("/api/appointments/:id/status", async (request, reply) => {
    const { id } = idParams.parse(request.params)
    const { status } = statusChange.parse(request.body)
    await appointments.changeStatus(given, actorOf(request), id, status)
    return reply.code(204).send()
  })

  app.get("/api/reminders", async (request) => {
    const { from, to } = reminderQuery.parse(request.query)
    return { reminders: await appointments.reminders(given, from, to) }
  })
}
