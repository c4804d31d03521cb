import pg from "pg"
import type { Interval } from "../domain/interval.js"
import { AppError } from "../errors.js"
import type { Appointment, ListedAppointment } from "../model.js"
import type { AppointmentStore } from "../ports.js"
import { onlyRow, rows, type Queryable } from "./rows.js"

const COLUMNS = `a.id, a.practitioner_id AS "practitionerId", a.patient_id AS "patientId",
  a.starts_at AS "startsAt", a.ends_at AS "endsAt", a.status, a.reason`

const INSERT = `
  INSERT INTO appointments AS a (practitioner_id, patient_id, starts_at, ends_at, status, reason)
  VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${COLUMNS}`

const LIST = `
  SELECT ${COLUMNS}, p.full_name AS "practitionerName",
    concat_ws(' ', t.given_name, t.family_name) AS "patientName"
  FROM appointments a
  JOIN practitioners p ON p.id = a.practitioner_id
  JOIN patients t ON t.id = a.patient_id
  WHERE a.starts_at >= $1 AND a.starts_at < $2 AND ($3::uuid IS NULL OR a.practitioner_id = $3)
  ORDER BY a.starts_at, p.full_name, a.id`

export function appointmentStore(client: Queryable): AppointmentStore {
  return {
    insert: (input) =>
      onlyRow<Appointment>(client, INSERT, [
        input.practitionerId,
        input.patientId,
        input.startsAt,
        input.endsAt,
        input.status,
        input.reason,
      ]).catch(asConflict),
    async findForUpdate(id) {
      const sql = `SELECT ${COLUMNS} FROM appointments a WHERE a.id = $1 FOR UPDATE`
      return (await rows<Appointment>(client, sql, [id]))[0]
    },
    async setStatus(id, status) {
      await client.query("UPDATE appointments SET status = $2 WHERE id = $1", [id, status])
    },
    listStarting: (within, practitionerId) =>
      rows<ListedAppointment>(client, LIST, [within.start, within.end, practitionerId ?? null]),
    busyPractitioner: (id, within) => busy(client, "practitioner_id", id, within),
    busyPatient: (id, within) => busy(client, "patient_id", id, within),
  }
}

function busy(
  client: Queryable,
  column: "practitioner_id" | "patient_id",
  id: string,
  within: Interval,
): Promise<readonly Interval[]> {
  return rows<Interval & pg.QueryResultRow>(
    client,
    `SELECT starts_at AS start, ends_at AS end FROM appointments
     WHERE ${column} = $1 AND status NOT IN ('cancelled', 'no-show')
       AND tstzrange(starts_at, ends_at) && tstzrange($2, $3)
     ORDER BY starts_at`,
    [id, within.start, within.end],
  )
}

const CONFLICTS: Readonly<Record<string, string>> = {
  appointments_practitioner_busy: "practitioner-busy",
  appointments_patient_busy: "patient-busy",
}

function asConflict(error: unknown): never {
  const constraint = error instanceof pg.DatabaseError ? error.constraint : undefined
  const code = constraint === undefined ? undefined : CONFLICTS[constraint]
  throw code === undefined ? error : new AppError("conflict", [code])
}
