import express from "express"

declare const [logger, log, request, reply, res, db, app, router, params, patient, patients, audit, form, user, error]: any[]

// --- logs
// ruleid: phi-in-log
console.log("registered", patient.ssn)
// ruleid: phi-in-log
logger.info(`found ${patient.firstName} again`)
// ruleid: phi-in-log
request.log.warn({ birth: patient.dateOfBirth }, "too young")
// ruleid: phi-in-log
log.debug("diagnosis of " + record.diagnosis)
// ok: phi-in-log
logger.info({ patient: patient.id }, "registered")
// ok: phi-in-log
catalog.info(patient.firstName)
// ok: phi-in-log
console.log(product.name, error.message)

// ruleid: phi-record-in-log
logger.info(patient)
// ruleid: phi-record-in-log
logger.info({ patient }, "saved")
// ruleid: phi-record-in-log
console.log("body", JSON.stringify(req.body))
// ok: phi-record-in-log
console.log("patients are read")
// ok: phi-record-in-log
logger.error({ err: error }, "request failed")

// --- storage of the browser
// ruleid: phi-in-web-storage
localStorage.setItem("current", JSON.stringify({ dob: patient.birthDate }))
// ruleid: phi-in-web-storage
window.sessionStorage.setItem("p", JSON.stringify(patient))
// ruleid: phi-in-web-storage
localStorage.setItem("ssn", form.value)
// ruleid: phi-in-web-storage
localStorage.lastPatient = patient.fullName
// ok: phi-in-web-storage
localStorage.setItem("theme", settings.theme)
// ok: phi-in-web-storage
sessionStorage.setItem("patientId", patient.id)

// ruleid: phi-in-cookie
document.cookie = `email=${user.email}; path=/`
// ruleid: phi-in-cookie
res.cookie("who", patient.lastName, { httpOnly: true })
// ok: phi-in-cookie
res.cookie("session", session.id, { httpOnly: true })

// --- addresses
// ruleid: phi-in-url
fetch(`/api/patients?ssn=${patient.ssn}`)
// ruleid: phi-in-url
fetch(`/api/patients?born=1&email=${encodeURIComponent(patient.email)}`)
// ruleid: phi-in-url
url.searchParams.append("dateOfBirth", form.value)
// ruleid: phi-in-url
new URLSearchParams({ page: "1", lastName: form.value })
// ruleid: phi-in-url
app.get("/patients/by-ssn/:ssn", find)
// ok: phi-in-url
fetch(`/api/appointments?date=${day.date}`)
// ok: phi-in-url
fetch(`/api/patients/${patient.id}`)
// ok: phi-in-url
const greeting = `Dear ${patient.firstName}, is it you?`
// ok: phi-in-url
params.set("page", "2")
// ok: phi-in-url
app.get("/patients/:id", find)

// --- messages of errors
function check() {
  // ruleid: phi-in-error-message
  if (taken) throw new Error(`there is a patient ${patient.lastName} already`)
  // ruleid: phi-in-error-message
  if (late) throw new ValidationError("born on " + patient.dateOfBirth)
  // ok: phi-in-error-message
  if (gone) throw new Error(`there is no patient ${patient.id}`)
  // ruleid: phi-in-error-message
  return res.status(409).json({ error: `${patient.email} is in use` })
}

function answer() {
  // ok: phi-in-error-message
  return res.json({ patient: { email: patient.email } })
}

async function save() {
  try {
    await store()
  } catch (error) {
    // ruleid: phi-error-detail-to-client
    res.status(500).json({ error: error.message })
  }
  try {
    await store()
  } catch (error) {
    // ok: phi-error-detail-to-client
    res.status(500).json({ error: "internal", requestId: request.id })
  }
}

// --- routes
// ruleid: phi-access-without-audit
app.get("/api/patients/:id", async (req, res) => {
  try {
    const { rows } = await db.query("SELECT * FROM patients WHERE id = $1", [req.params.id])
    res.json(rows[0])
  } catch (error) {
    res.status(500).json({ error: "internal" })
  }
})

// ruleid: phi-access-without-audit
app.delete("/api/patients/:id", (req, res) => prisma.patient.delete({ where: { id: req.params.id } }))

// ok: phi-access-without-audit
app.get("/api/patients/:id/contact", async (req, res) => {
  try {
    const { rows } = await db.query("SELECT phone FROM patients WHERE id = $1", [req.params.id])
    await audit.append({ actor: req.actor, action: "patient.read", patient: req.params.id })
    res.json(rows[0])
  } catch (error) {
    res.status(500).json({ error: "internal" })
  }
})

// ok: phi-access-without-audit
app.get("/api/patients/:id/notes", async (request) => notes.read(given, actorOf(request), request.params.id))

// ok: phi-access-without-audit
app.get("/api/clinics/:id", async (req, res) => {
  const { rows } = await db.query("SELECT * FROM clinics")
  res.json(rows)
})

// ruleid: phi-route-without-error-handling
router.post("/patients", async (req, res) => {
  const patient = await patients.register(req.body)
  res.status(201).json(patient)
})

// ok: phi-route-without-error-handling
router.put("/patients/:id", async (req, res, next) => {
  try {
    const patient = await patients.change(req.params.id, req.body)
    res.json(patient)
  } catch (error) {
    next(error)
  }
})

// ok: phi-route-without-error-handling
router.post("/patients/import", wrapped(async (req, res) => {
  await patients.import(req.body)
  res.end()
}))
