-- Up Migration
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE appointments (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  practitioner_id uuid NOT NULL REFERENCES practitioners (id),
  patient_id uuid NOT NULL REFERENCES patients (id),
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  status text NOT NULL CHECK (
    status IN ('booked', 'checked-in', 'completed', 'cancelled', 'no-show')
  ),
  reason text NOT NULL,
  CHECK (starts_at < ends_at),
  -- Two requests at the same moment both see a free slot; only the database can refuse the second.
  CONSTRAINT appointments_practitioner_busy EXCLUDE USING gist (
    practitioner_id WITH =,
    tstzrange(starts_at, ends_at) WITH &&
  ) WHERE (status NOT IN ('cancelled', 'no-show')),
  CONSTRAINT appointments_patient_busy EXCLUDE USING gist (
    patient_id WITH =,
    tstzrange(starts_at, ends_at) WITH &&
  ) WHERE (status NOT IN ('cancelled', 'no-show'))
);

CREATE INDEX appointments_by_start ON appointments (starts_at);

-- Down Migration
DROP TABLE appointments;
