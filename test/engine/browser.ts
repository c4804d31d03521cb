import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { connection, dag } from "@dagger.io/dagger"

/** What a reader would meet: what report-in-chromium.mjs prints. */
export interface Seen {
  readonly violations: readonly unknown[]
  readonly consoleErrors: readonly string[]
  readonly requests: readonly string[]
  /** Pixels, by view. */
  readonly horizontalOverflow: Readonly<Record<string, number>>
  readonly verdictText: string
  /** 0 where nothing is wrong. */
  readonly code: number
}

const FILES = fileURLToPath(new URL(".", import.meta.url))
const INSTALL =
  "apt-get update -q && apt-get install -qy --no-install-recommends -o Acquire::Retries=3 chromium fonts-dejavu-core && rm -rf /var/lib/apt/lists/*"

/**
 * Opens the report of a folder of evidence in Chromium, in a container on the engine.
 *
 * @param views by their names in report-in-chromium.mjs.
 */
export async function lookAt(
  evidence: string,
  views: readonly string[] = ["light", "dark", "phone", "phone-dark"],
): Promise<Seen> {
  let seen: Seen | null = null
  await connection(async () => {
    const browser = dag
      .container()
      .from("node:22-bookworm-slim")
      .withExec(["sh", "-c", INSTALL])
      .withDirectory("/tools", dag.host().directory(path.join(FILES, "browser")))
      .withWorkdir("/tools")
      .withExec(["npm", "ci", "--no-audit", "--no-fund", "--fetch-timeout=60000"])
      .withFile("/look.mjs", dag.host().file(path.join(FILES, "report-in-chromium.mjs")))
    const looked = browser
      .withNewFile("/report.html", fs.readFileSync(path.join(evidence, "report.html"), "utf8"))
      .withEnvVariable("BROWSER_TOOLS", "/tools")
      .withEnvVariable("VIEWS", views.join(","))
      .withExec(["sh", "-c", "node /look.mjs /report.html >/seen.json; echo $? >/code"])
    const [text, code] = await Promise.all([
      looked.file("/seen.json").contents(),
      looked.file("/code").contents(),
    ])
    if (text === "") throw new Error(`the browser did not look: ${await looked.stderr()}`)
    seen = { ...JSON.parse(text), code: Number(code) }
  })
  if (seen === null) throw new Error("the engine gave no answer")
  return seen
}
