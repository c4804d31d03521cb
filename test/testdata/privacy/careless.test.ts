test("logs are redacted", () => {
  // ok: phi-record-in-log
  logger.info(patient)
})
