import { expect, test } from "vitest"
import { SYFT } from "../../ci/src/image/sbom.js"
import { TRIVY } from "../../ci/src/tools/trivy.js"
import { app, built, call } from "../engine/support.js"

built(TRIVY, SYFT)

test.each(["trivy", "syft"])("an image has a bill of materials by %s", async (tool) => {
  const files = {
    Dockerfile: "FROM debian:bookworm-slim\nUSER 1000\n",
    "slipway.yaml": `image: { sbom: ${tool}, platforms: [linux/amd64] }\n`,
  }
  const { code, said } = await call(app(files), "image", "sbom")
  expect(said).toMatch(/✓ sbom:small .* \d+ packages, as CycloneDX and SPDX/)
  expect(code).toBe(0)
})
