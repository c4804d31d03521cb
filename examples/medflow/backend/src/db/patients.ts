import type { Patient } from "../model.js"
import type { PatientStore } from "../ports.js"
import { onlyRow, rows, type Queryable } from "./rows.js"

const COLUMNS = `id, record_number AS "recordNumber", given_name AS "givenName",
  family_name AS "familyName", birth_date AS "birthDate", phone, email`

export function patientStore(client: Queryable): PatientStore {
  return {
    async nextSequence() {
      const sql = "SELECT nextval('patient_record_numbers')::integer AS next"
      return (await onlyRow<{ next: number }>(client, sql)).next
    },
    insert: (input) =>
      onlyRow<Patient>(
        client,
        `INSERT INTO patients (record_number, given_name, family_name, birth_date, phone, email)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${COLUMNS}`,
        [
          input.recordNumber,
          input.givenName,
          input.familyName,
          input.birthDate,
          input.phone,
          input.email,
        ],
      ),
    async find(id) {
      const sql = `SELECT ${COLUMNS} FROM patients WHERE id = $1`
      return (await rows<Patient>(client, sql, [id]))[0]
    },
    async findByRecordNumber(recordNumber) {
      const sql = `SELECT ${COLUMNS} FROM patients WHERE record_number = $1`
      return (await rows<Patient>(client, sql, [recordNumber]))[0]
    },
    search: (familyName, birthDate) =>
      rows<Patient>(
        client,
        `SELECT ${COLUMNS} FROM patients
         WHERE lower(family_name) = lower($1) AND birth_date = $2
         ORDER BY given_name, id`,
        [familyName, birthDate],
      ),
    async setContact(id, { phone, email }) {
      await client.query("UPDATE patients SET phone = $2, email = $3 WHERE id = $1", [
        id,
        phone,
        email,
      ])
    },
  }
}
