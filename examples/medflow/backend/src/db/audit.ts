import type { RecordedAuditEntry } from "../model.js"
import type { AuditStore } from "../ports.js"
import { rows, type Queryable } from "./rows.js"

const APPEND = `
  INSERT INTO audit_log (actor, action, patient_id, appointment_id, details)
  SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[], $5::jsonb[])`

const TRAIL = `
  SELECT at, actor, action, patient_id AS "patientId", appointment_id AS "appointmentId", details
  FROM audit_log WHERE patient_id = $1 ORDER BY id`

export function auditStore(client: Queryable): AuditStore {
  return {
    async append(entries) {
      if (entries.length === 0) return
      await client.query(APPEND, [
        entries.map(({ actor }) => actor),
        entries.map(({ action }) => action),
        entries.map(({ patientId }) => patientId),
        entries.map(({ appointmentId }) => appointmentId),
        entries.map(({ details }) => JSON.stringify(details)),
      ])
    },
    ofPatient: (patientId) => rows<RecordedAuditEntry>(client, TRAIL, [patientId]),
  }
}
