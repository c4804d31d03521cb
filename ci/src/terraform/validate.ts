import { CacheSharingMode, dag } from "@dagger.io/dagger"
import * as z from "zod/mini"
import { plural } from "../formats/figures.js"
import { engineFilter, filesBelow } from "../formats/glob.js"
import { parseJson } from "../formats/json.js"
import { quote } from "../run/command.js"
import { mustLook } from "../run/gate.js"
import { fromCommand, skipped } from "../run/outcome.js"
import { type Finding, type Verdict, worst } from "../run/result.js"
import { type Given, type Ran, type StageResult, WORKDIR } from "../run/stage.js"
import { quiet, TOOLS } from "./container.js"
import { closure, localModule } from "./roots.js"
import { errorOf, OUT_OF_REACH } from "./said.js"
import { type Infrastructure, infrastructure } from "./sources.js"

const REPORT = `${TOOLS}/validate.json`
const PLUGINS = "/slipway-plugins"

/** Validates all root modules in parallel. Each runs again only if its own files or its modules change. */
export async function validate(given: Given): Promise<StageResult> {
  const found = await infrastructure(given.project.config.terraform, given.source)
  if (found.roots.length === 0) return skipped("no root module found")
  const results = await Promise.all(found.roots.map((root) => one(given, found, root)))
  const verdict: Verdict = worst(results.map((result) => result.verdict))
  const red = results.find((result) => result.verdict === verdict)
  const named = results.map(({ summary }, i) => `${rootName(found.roots[i] ?? "")}: ${summary}`)
  return {
    verdict,
    cause: red?.cause ?? null,
    summary: named.join("; "),
    findings: results.flatMap(({ findings }) => findings),
    tests: [],
    steps: results.flatMap(({ steps }) => steps),
    log: {
      text: results.map(({ log }, i) => `[${rootName(found.roots[i] ?? "")}]\n${log.text}`).join("\n"),
      lines: results.reduce((sum, { log }) => sum + log.lines + 1, 0),
    },
  }
}

/** Names a root module for people. */
const rootName = (root: string): string => (root === "" ? "the project's folder" : root)

async function one(given: Given, found: Infrastructure, root: string): Promise<StageResult> {
  const { terraform } = given.project.config
  const { name, image, version } = found.program(root)
  const folders = [...closure(root, found.sources), ...(terraform.providers.folder ?? [])]
  const include = folders.map(filesBelow)
  const at = `${name} -chdir=${quote(root === "" ? "." : root)}`
  const ran = await given.command({
    container: quiet(given.image(image, version), terraform)
      .withMountedCache(PLUGINS, dag.cacheVolume(`slipway-${name}-plugins`), {
        // Terraform does not lock it against a parallel run.
        sharing: CacheSharingMode.Locked,
      })
      .withEnvVariable("TF_PLUGIN_CACHE_DIR", PLUGINS)
      .withDirectory(WORKDIR, given.source.filter(engineFilter({ include })))
      .withWorkdir(WORKDIR),
    steps: [
      {
        name: "init",
        run: `${at} init -backend=false -input=false -no-color`,
        timeout: 600,
        attempts: 2,
        final: "no such host|Could not resolve host|Invalid|Unsupported|not found",
      },
      { name: "validate", run: `${at} validate -json -no-color >${REPORT}`, timeout: 300 },
    ],
    reports: [REPORT],
  })
  return judged(ran, root, mustLook(given))
}

const diagnostics = z.object({
  valid: z.boolean(),
  diagnostics: z.array(
    z.object({
      severity: z.string(),
      summary: z.string(),
      detail: z._default(z.string(), ""),
      range: z.optional(z.object({ filename: z.string(), start: z.object({ line: z.number() }) })),
    }),
  ),
})

/** Judges one root by its report; without one, by what prevented it. */
function judged(ran: Ran, root: string, required: boolean): StageResult {
  const read = diagnostics.safeParse(parseJson(ran.reports[REPORT]), { jitless: true })
  if (!read.success) return unreadable(ran, required)
  const findings = read.data.diagnostics.map(
    ({ severity, summary, detail, range }): Finding => ({
      rule: "terraform-validate",
      severity: severity === "error" ? "high" : "low",
      message: detail === "" ? summary : `${summary}: ${detail.replace(/\s+/g, " ").trim()}`,
      file: range ? (localModule(root, `./${range.filename}`) ?? range.filename) : null,
      line: range?.start.line ?? null,
      standing:
        severity === "error"
          ? { status: "blocks", why: "it is not valid" }
          : { status: "reported", why: "a warning" },
    }),
  )
  const errors = findings.filter(({ standing }) => standing?.status === "blocks").length
  const outcome = fromCommand(ran, {
    passed: "valid",
    failed: `${plural(errors, "error")}: ${findings[0]?.message ?? ""}`,
    findings,
    tests: [],
  })
  return outcome
}

/**
 * Returns the outcome without a report: init did not get that far.
 *
 * @param required true where providers that cannot be downloaded are an error.
 */
function unreadable(ran: Ran, required: boolean): StageResult {
  const outcome = fromCommand(ran, { passed: "", findings: [], tests: [] })
  const said = errorOf(ran.log.text)
  if (ran.failed?.timedOut || ran.failed?.exitCode === 127) return outcome
  if (!OUT_OF_REACH.test(ran.log.text))
    return ran.failed?.name === "init"
      ? { ...outcome, summary: `init failed: ${said}` }
      : { ...outcome, verdict: "errored", cause: "errored", summary: `validate wrote no report: ${said}` }
  const way = "Name a mirror, or a folder that has them, under `terraform.providers` in slipway.yaml"
  const summary = `providers cannot be downloaded: ${said}. ${way}`
  // A laptop may be offline; what CI cannot look at must not come out green.
  return required
    ? { ...outcome, verdict: "errored", cause: "download", summary }
    : { ...outcome, verdict: "skipped", cause: null, summary }
}
