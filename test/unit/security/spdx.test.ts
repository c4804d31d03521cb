import { expect, test } from "vitest"
import { judgeLicence } from "../../../ci/src/security/spdx.js"

const DENY = ["AGPL-*", "GPL-*"]

test.each([
  ["MIT", [], "allowed"],
  ["mit", ["MIT"], "allowed"],
  ["MIT", ["Apache-2.0"], "unlisted"],
  ["GPL-3.0-only", [], "denied"],
  ["LGPL-2.1-or-later", [], "allowed"],
  ["MIT OR GPL-3.0-only", [], "allowed"],
  ["MIT AND GPL-3.0-only", [], "denied"],
  ["(MIT OR GPL-2.0+) AND (ISC OR AGPL-3.0-only)", [], "allowed"],
  ["MIT OR ISC AND GPL-3.0-only", [], "allowed"],
  ["GPL-2.0-only WITH Classpath-exception-2.0", [], "denied"],
  ["UNLICENSED", [], "unknown"],
  ["SEE LICENSE IN LICENSE.md", [], "unknown"],
  ["(MIT OR", [], "unknown"],
  ["", [], "unknown"],
])("%j with the allow list %j is %s", (expression, allow, verdict) => {
  expect(judgeLicence(expression, allow, DENY)).toBe(verdict)
})

test("a licence on a list without its ending stands for only and or-later", () => {
  expect(judgeLicence("GPL-3.0-or-later", [], ["GPL-3.0"])).toBe("denied")
  expect(judgeLicence("GPL-2.0-or-later", [], ["GPL-3.0"])).toBe("allowed")
})
