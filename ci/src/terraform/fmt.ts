import { plural } from "../formats/figures.js"
import { fromCommand } from "../run/outcome.js"
import type { Finding } from "../run/result.js"
import { type Given, type StageResult, WORKDIR } from "../run/stage.js"
import { quiet } from "./container.js"
import { infrastructure } from "./sources.js"

/** Exit code of `fmt -check` for unformatted files. Any other except 0 means an unreadable file. */
const UNFORMATTED = 3

/** Checks the formatting of all Terraform files. */
export async function fmt(given: Given): Promise<StageResult> {
  const { program } = await infrastructure(given.project.config.terraform, given.source)
  const { name, image, version } = program("")
  const ran = await given.command({
    container: quiet(given.image(image, version), given.project.config.terraform)
      .withDirectory(WORKDIR, given.source)
      .withWorkdir(WORKDIR),
    steps: [{ name: "fmt", run: `${name} fmt -check -recursive -diff -no-color .`, timeout: 120 }],
  })
  const findings = unformatted(ran.log.text)
  const failed =
    ran.failed?.exitCode === UNFORMATTED
      ? `${plural(findings.length, "file")} not formatted: run \`${name} fmt -recursive\``
      : null
  return fromCommand(ran, { passed: "all files are formatted", failed, findings, tests: [] })
}

/** Returns the files that `fmt -diff` would change, each at its first changed line. */
export function unformatted(log: string): readonly Finding[] {
  const found: Finding[] = []
  let file: string | null = null
  for (const line of log.split("\n")) {
    file = /^--- old\/(.+)$/.exec(line)?.[1] ?? file
    const start = /^@@ -(\d+)/.exec(line)?.[1]
    if (start === undefined || file === null) continue
    found.push({
      rule: "terraform-fmt",
      severity: "low",
      message: "not formatted",
      file,
      line: Number(start),
    })
    file = null
  }
  return found
}
