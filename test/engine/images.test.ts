import { expect, test } from "vitest"
import { app, edit, report } from "./support.js"

const CUSTOM = `custom:
  sums:
    image: python:3.11-slim
    inputs: ["*.py"]
    commands: [python -m unittest]
  secrets:
    image: zricethezav/gitleaks:v8.30.1
    inputs: ["*.py"]
    commands: [gitleaks dir . --no-banner --redact]
`

const SUMS = `import unittest


class Sums(unittest.TestCase):
    def test_two(self):
        self.assertEqual(1 + 1, 2)
`

/** Shaped like a token, so that a scanner finds it; put together, so that none finds it here. */
const TOKEN = `ghp_${"1a2B3c4D5e6F7g8H9i0J"}${"kLmNoPqRsTuVwXyZ"}`

test("images beyond those of the app run stages that slipway.yaml describes", async () => {
  const folder = app({ "slipway.yaml": CUSTOM, "test_sums.py": SUMS })
  const clean = await report(folder)
  expect(clean.stage("sums"), clean.stage("sums").summary).toMatchObject({ verdict: "passed" })
  expect(clean.stage("secrets"), clean.stage("secrets").summary).toMatchObject({ verdict: "passed" })

  edit(folder, "test_sums.py", (text) => `${text}\nTOKEN = "${TOKEN}"\n`)
  const leaking = await report(folder)
  expect(leaking.stage("sums")).toMatchObject({ verdict: "passed" })
  expect(leaking.stage("secrets")).toMatchObject({ verdict: "failed" })
  expect(leaking.stage("secrets").log.text).toContain("leaks found: 1")
  expect(leaking.stderr).not.toContain(TOKEN)
})
