-- Up Migration
CREATE TABLE practitioners (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  full_name text NOT NULL,
  specialty text NOT NULL
);

CREATE TABLE practitioner_hours (
  practitioner_id uuid NOT NULL REFERENCES practitioners (id) ON DELETE CASCADE,
  weekday smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7),
  opens_minute smallint NOT NULL CHECK (opens_minute >= 0),
  closes_minute smallint NOT NULL CHECK (closes_minute <= 1440),
  PRIMARY KEY (practitioner_id, weekday, opens_minute),
  CHECK (opens_minute < closes_minute)
);

CREATE SEQUENCE patient_record_numbers AS integer MAXVALUE 9999999;

CREATE TABLE patients (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  record_number text NOT NULL UNIQUE,
  given_name text NOT NULL,
  family_name text NOT NULL,
  birth_date date NOT NULL,
  phone text,
  email text
);

CREATE INDEX patients_search ON patients (lower(family_name), birth_date);

-- Down Migration
DROP TABLE patients;
DROP SEQUENCE patient_record_numbers;
DROP TABLE practitioner_hours;
DROP TABLE practitioners;
