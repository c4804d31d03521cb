import { describe, expect, test } from "vitest"
import { bind, fitsBill } from "../../../ci/src/image/bound.js"
import { type Part, partsIn } from "../../../ci/src/image/content.js"
import { labelsOf } from "../../../ci/src/image/push.js"
import { refusal } from "../../../ci/src/image/registry.js"
import { refuse } from "../../../ci/src/image/sign.js"
import { trustFlags } from "../../../ci/src/image/signer.js"
import { logsCertificates } from "../../../ci/src/image/sigstore.js"
import {
  type BuildDescription,
  materials,
  provenance,
  type Statement,
  verdict,
} from "../../../ci/src/image/statements.js"
import { judge } from "../../../ci/src/image/verify.js"
import { NO_CONTEXT } from "../../../ci/src/run/context.js"
import { Fault } from "../../../ci/src/run/fault.js"
import type { RunRecord, StageRecord } from "../../../ci/src/run/result.js"
import { stage } from "../report/builders.js"

const image = { host: "registry.example.org", path: "team/app", digest: `sha256:${"a".repeat(64)}` }
const build: BuildDescription = {
  workspace: "app",
  dockerfile: "Dockerfile",
  target: null,
  args: { WORD: "hello" },
  platforms: ["linux/amd64"],
  source: "https://example.org/team/app",
  commit: "c0ffee",
  inputs: [{ uri: "docker.io/library/node:22", digest: { sha256: "b".repeat(64) } }],
}
const context = {
  ...NO_CONTEXT,
  vendor: "gitlab",
  commit: "c0ffee",
  url: "https://ci.example.org/7",
  attempt: 2,
}
const record: RunRecord = {
  schema: 1,
  slipway: "1",
  project: "app",
  verdict: "passed",
  exitCode: 0,
  startedAt: 0,
  endedAt: 0,
  context,
  stages: [],
  images: [],
}

const codeOf = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error instanceof Fault ? error.code : error
  }
}

describe("a provenance", () => {
  const statement = provenance(image, build, context)

  test("is an in-toto statement for the digest, of what was built how and by whom", () => {
    expect(statement).toMatchObject({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "registry.example.org/team/app", digest: { sha256: "a".repeat(64) } }],
      predicateType: "https://slsa.dev/provenance/v1",
      predicate: {
        buildDefinition: {
          externalParameters: {
            source: { uri: "git+https://example.org/team/app", digest: { gitCommit: "c0ffee" } },
          },
          resolvedDependencies: [{ digest: { gitCommit: "c0ffee" } }, build.inputs[0]],
        },
        runDetails: {
          builder: { id: "urn:slipway:builder:gitlab" },
          metadata: { invocationId: "https://ci.example.org/7#2" },
        },
      },
    })
  })

  test("claims no level", () => expect(JSON.stringify(statement)).not.toMatch(/level/i))
})

test("labels are the same for the same commit", () => {
  expect(labelsOf(build).map(([name]) => name)).toEqual([
    "org.opencontainers.image.title",
    "org.opencontainers.image.revision",
    "org.opencontainers.image.source",
    "io.slipway.build",
  ])
})

describe("evidence is refused", () => {
  test("of another commit, and of a check that did not pass", () => {
    expect(codeOf(() => refuse(record, build))).toBeUndefined()
    expect(() => refuse(record, { ...build, commit: "other" })).toThrow(/of commit c0ffee/)
    expect(() => refuse({ ...record, context: NO_CONTEXT }, build)).toThrow(/of commit unknown/)
    expect(() => refuse({ ...record, verdict: "errored" }, build)).toThrow(/did not pass: errored/)
  })
})

const layer = (letter: string) => `sha256:${letter.repeat(64)}`
const amd: Part = { digest: layer("1"), platform: "linux/amd64", layers: [layer("a"), layer("b")] }
const arm: Part = { digest: layer("2"), platform: "linux/arm64", layers: [layer("a"), layer("c")] }
const looked = (...layers: readonly Part[]) => ({ layers, elsewhere: [], evidence: ["0"] })
/** A bill of materials as Trivy writes it. */
const bill = (...layers: readonly string[]) => ({
  bomFormat: "CycloneDX",
  metadata: {
    component: { properties: layers.map((value) => ({ name: "aquasecurity:trivy:DiffID", value })) },
  },
})

describe("evidence is of an image", () => {
  const look = (name: string, part: Part, change: Partial<StageRecord> = {}) =>
    stage(name, {
      contents: [{ image: "app", platform: part.platform, layers: part.layers }],
      ...(name.startsWith("sbom") ? { files: [`${name.replaceAll(":", "/")}.cdx.json`] } : {}),
      ...change,
    })
  const runOf = (...stages: readonly StageRecord[]): RunRecord => ({ ...record, stages })
  const second: Part = { ...amd, layers: [layer("a"), layer("d")] }
  const bound = (parts: readonly Part[], ...records: readonly RunRecord[]) =>
    bind(image, "app", parts, records)
  const check = runOf(
    look("image", amd),
    look("sbom:app", amd),
    look("scan:image", amd),
    look("test:e2e", amd),
  )

  test("whose layers its looks had", () =>
    expect(bound([amd], check)).toEqual({
      bills: [{ part: amd, from: 0, path: "sbom/app.cdx.json" }],
      elsewhere: [],
    }))

  test("and of no other build, which is named with the way out", () =>
    expect(() => bound([second], check)).toThrow(
      /not the build that was checked: sbom and scan:image of app .* linux\/amd64 .*`image check/s,
    ))

  test("of which each look is asked for: one of another build is missing", () => {
    const half = runOf(look("sbom:app", second), look("scan:image", amd))
    expect(() => bound([second], half)).toThrow(/: scan:image of app did not look/)
    expect(() => bound([amd], half)).toThrow(/: sbom of app did not look/)
  })

  test("where a remembered look was of another build, or of none that is known", () => {
    const { contents: _, ...old } = look("scan:image", amd)
    expect(() => bound([amd], runOf(look("sbom:app", amd), old))).toThrow(/: scan:image of app did not look/)
  })

  test("on each of its platforms", () => {
    expect(() => bound([amd, arm], check)).toThrow(/linux\/arm64/)
    const both = runOf(look("sbom:app:linux/arm64", arm), look("scan:image:linux/arm64", arm))
    expect(bound([amd, arm], check, both).bills.map(({ part, from }) => [part.platform, from])).toEqual([
      ["linux/amd64", 0],
      ["linux/arm64", 1],
    ])
  })

  test("that was checked as it was pushed; tests of the check's own build are named", () => {
    const pushed = runOf(look("sbom:app", second), look("scan:image", second))
    expect(bound([second], check, pushed)).toEqual({
      bills: [{ part: second, from: 1, path: "sbom/app.cdx.json" }],
      elsewhere: ["image", "test:e2e"],
    })
  })

  test("unless a look at what was pushed is red", () => {
    const red = (verdict: "failed" | "errored") =>
      runOf(look("sbom:app", second), look("scan:image", second, { verdict, summary: "CVE-1" }))
    for (const verdict of ["failed", "errored"] as const)
      expect(() => bound([second], check, red(verdict))).toThrow(new RegExp(`scan:image ${verdict}: CVE-1`))
  })

  test("without a scan where the check has none", () =>
    expect(bound([amd], runOf(look("sbom:app", amd))).bills).toHaveLength(1))

  test("by a bill of materials of its layers, where that names some", () => {
    expect(fitsBill(bill(...amd.layers), amd.layers)).toBe(true)
    expect(fitsBill({ bomFormat: "CycloneDX" }, amd.layers)).toBe(true)
    expect(fitsBill(bill(...second.layers), amd.layers)).toBe(false)
  })
})

test("a registry's answer names the layers of each platform, without what is no image", () => {
  const line = ({ digest, ...rest }: Part) => `${digest} ${JSON.stringify(rest)}`
  const attestation = { ...amd, platform: "unknown/unknown" }
  expect(partsIn(`${[amd, attestation, arm].map(line).join("\n")}\n`)).toEqual([amd, arm])
})

describe("an image with good signatures", () => {
  const line = (statement: object) =>
    JSON.stringify({ payload: Buffer.from(JSON.stringify(statement)).toString("base64") })
  const signature = { ...materials(image, {}), predicateType: "https://sigstore.dev/cosign/sign/v1" }
  const all: Readonly<Record<"signature" | "provenance" | "sbom" | "verdict", Statement>> = {
    signature,
    provenance: provenance(image, build, context),
    sbom: materials(image, bill(...amd.layers)),
    verdict: verdict(image, record, build, looked(amd)),
  }
  const registered = { ...image, parts: [amd] }
  const output = (change: Partial<Record<keyof typeof all, object>>) => (name: keyof typeof all) =>
    `cosign says\n${line({ ...all, ...change }[name])}\n`
  const judged = (change: Partial<typeof all>) => codeOf(() => judge(registered, output(change)))

  test("verifies when all is said of it", () =>
    expect(judged({})).toMatchObject({ commit: "c0ffee", verdict: "0" }))

  test("verifies on all its platforms, or not at all", () => {
    const parts = [amd, arm]
    expect(codeOf(() => judge({ ...image, parts }, output({})))).toBe("attestation")
    const of = (name: keyof typeof all) =>
      ({
        signature: line(all.signature),
        provenance: line(all.provenance),
        sbom: parts.map(({ layers }) => line(materials(image, bill(...layers)))).join("\n"),
        verdict: line(verdict(image, record, build, looked(...parts))),
      })[name]
    expect(judge({ ...image, parts }, of)).toMatchObject({ commit: "c0ffee" })
  })

  test("verifies for the commit that it was built from, and for no other", () => {
    expect(judge(registered, output({}), "c0ffee")).toMatchObject({ commit: "c0ffee" })
    expect(() => judge(registered, output({}), "decaf")).toThrow(
      /built from c0ffee, but the release is decaf/,
    )
  })

  test("verifies for each commit that a provenance and a green check vouch for together", () => {
    const other = { ...build, commit: "decaf" }
    const both = (...statements: readonly object[]) => statements.map(line).join("\n")
    const output = (name: keyof typeof all) =>
      ({
        signature: line(all.signature),
        sbom: line(all.sbom),
        provenance: both(all.provenance, provenance(image, other, context)),
        verdict: both(all.verdict, verdict(image, { ...record, verdict: "failed" }, other, looked(amd))),
      })[name]
    expect(judge(registered, output, "c0ffee")).toMatchObject({ commit: "c0ffee" })
    expect(() => judge(registered, output, "decaf")).toThrow(/built from c0ffee, but/)
  })

  test.each([
    ["lacks", {}],
    ["leaves empty", { gitCommit: "" }],
  ])("is refused with the way out where its provenance %s the commit", (_what, digest) => {
    const source = { name: "source", digest }
    const without = { ...all.provenance, predicate: { buildDefinition: { externalParameters: { source } } } }
    expect(() => judge(registered, output({ provenance: without }), "c0ffee")).toThrow(
      /names no commit.*`image push`.*`image sign`/s,
    )
  })

  test.each([
    ["a signature for another digest", { signature: { ...signature, subject: [] } }, "signature"],
    ["a statement of another kind", { sbom: all.provenance }, "attestation"],
    [
      "a verdict that is red",
      { verdict: verdict(image, { ...record, verdict: "failed" }, build, looked(amd)) },
      "attestation",
    ],
    [
      "a verdict of another commit",
      { verdict: verdict(image, record, { ...build, commit: "b" }, looked(amd)) },
      "attestation",
    ],
    ["a verdict of other layers", { verdict: verdict(image, record, build, looked(arm)) }, "attestation"],
    ["a verdict that names no layers", { verdict: verdict(image, record, build, looked()) }, "attestation"],
    ["a bill of materials of other layers", { sbom: materials(image, bill(...arm.layers)) }, "attestation"],
  ])("does not with %s", (_, change, code) => expect(judged(change)).toBe(code))
})

describe("what a registry says is", () => {
  const codes = { signature: "signature", sbom: "attestation" } as const
  test.each([
    ["push", "unauthorized: authentication required", "registry"],
    ["push", "dial tcp 10.0.0.1:5000: connect: connection refused", "registry"],
    ["image", "request failed: not found [http 404]: MANIFEST_UNKNOWN", "no-image"],
    ["signature", "Error: no matching attestations: invalid signature when validating ASN.1", "signature"],
    ["signature", "GET https://r/v2/: UNAUTHORIZED: authentication required", "registry"],
    [
      "sbom",
      "Error: none of the attestations matched the predicate type: https://cyclonedx.org/bom",
      "attestation",
    ],
    ["delete", "UNSUPPORTED: The operation is unsupported.", "registry"],
    ["sign", 'error signing bundle: Fulcio returned 401: {"code":16}', "token"],
    ["sign", "error signing bundle: unable to get subject from identity token", "token"],
    ["sign", 'error signing bundle: Post "https://ca/": dial tcp: connect: connection refused', "registry"],
    ["sign", "error signing bundle: failed to verify log inclusion", "registry"],
    ["signature", "getting trusted root from TUF: tuf refresh failed: no such host", "registry"],
    ["push", "something new", "registry"],
  ])("in the step %s, %j: %s", (step, log, code) => expect(refusal(step, log, codes).code).toBe(code))

  test.each([
    ["no matching attestations:", "unsigned (signature)"],
    ["no matching attestations: invalid signature when validating", "not signed by a trusted signer"],
  ])("tells an unsigned image from one that another signer signed: %s", (log, what) =>
    expect(refusal("signature", log, codes).what).toContain(what))
})

describe("a team's own Sigstore", () => {
  const root = (more: object) =>
    JSON.stringify({ mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1", ...more })
  const logs = (text: string) => logsCertificates(text, "trusted_root.json")
  const flags = (logsCertificates: boolean) =>
    trustFlags(
      { by: "identity", identity: "ci@example.org", issuer: "https://example.org" },
      { logsCertificates },
    )

  test("has no log of certificates where its trusted root names none", () => {
    expect([{}, { ctlogs: null }, { ctlogs: [] }, { ctlogs: [{}] }].map(root).map(logs)).toEqual([
      ...[false, false, false, true],
    ])
    for (const text of ["", "{}", "[]", root({ ctlogs: {} })])
      expect(() => logs(text)).toThrow(/trusted_root\.json: not a trusted root/)
  })

  test("is asked for certificates of its log where there is one, and for a log of signatures always", () => {
    expect(flags(false)).toContain("--insecure-ignore-sct")
    expect(flags(true)).not.toContain("insecure")
    expect(flags(false) + flags(true)).not.toContain("tlog")
  })
})
