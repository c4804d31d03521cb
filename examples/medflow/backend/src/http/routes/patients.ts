import type { FastifyInstance } from "fastify"
import type { Surroundings } from "../../ports.js"
import * as patients from "../../services/patients.js"
import { actorOf } from "../actor.js"
import { contact, idParams, newPatient, patientSearch, recordLookup } from "../schemas.js"

export function patientRoutes(app: FastifyInstance, given: Surroundings): void {
  app.post("/api/patients", async (request, reply) => {
    const input = newPatient.parse(request.body)
    const patient = await patients.registerPatient(given, actorOf(request), input)
    return reply.code(201).send(patient)
  })

  // POSTs although they read: names and birth dates in an address end up in proxies' logs.
  app.post("/api/patients/search", async (request) => {
    const { familyName, birthDate } = patientSearch.parse(request.body)
    const found = await patients.searchPatients(given, actorOf(request), familyName, birthDate)
    return { patients: found }
  })

  app.post("/api/patients/lookup", (request) => {
    const { recordNumber } = recordLookup.parse(request.body)
    return patients.lookUpPatient(given, actorOf(request), recordNumber)
  })

  app.get("/api/patients/:id", (request) => {
    const { id } = idParams.parse(request.params)
    return patients.readPatient(given, actorOf(request), id)
  })

  app.put("/api/patients/:id/contact", async (request, reply) => {
    const { id } = idParams.parse(request.params)
    await patients.changeContact(given, actorOf(request), id, contact.parse(request.body))
    return reply.code(204).send()
  })

  app.get("/api/patients/:id/audit", async (request) => {
    const { id } = idParams.parse(request.params)
    return { entries: await patients.readAudit(given, actorOf(request), id) }
  })
}
