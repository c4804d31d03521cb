export const people = [
  // ruleid: phi-ssn-in-fixture
  { ssn: "512-45-6087" },
  // ok: phi-ssn-in-fixture
  { ssn: "900-12-3456", order: "2024-11-0042", other: "000-12-3456" },

  // ruleid: phi-insurance-number-in-fixture
  { kvnr: "A123456780" },
  // ruleid: phi-insurance-number-in-fixture
  { medicare: "2AC3-CD4-EF56" },
  // ruleid: phi-insurance-number-in-fixture
  { nhsNumber: "943 476 5919" },
  // ruleid: phi-insurance-number-in-fixture
  { ahv: "756.9217.0769.85" },
  // ok: phi-insurance-number-in-fixture
  { kvnr: "NONE", commit: "A123456780", nhsNumber: "999 123 4567" },

  // ruleid: phi-email-in-fixture
  { email: "jane.miller@gmail.com" },
  // ok: phi-email-in-fixture
  { email: "jane@example.org", role: "info@google.com", made: "foo@bar.co.uk", short: "x@x.au", clone: "git@github.com:a/b", image: "node@sha256" },

  // ruleid: phi-phone-in-fixture
  { phone: "+49 171 2389076" },
  // ok: phi-phone-in-fixture
  { phone: "+1 202 555 0123", mobile: "+44 7700 900123", room: "+49" },
]
