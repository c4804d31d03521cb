import { describe, expect, test } from "vitest"
import { finalPythonFailure, pythonInstallFailure } from "../../../ci/src/project/python-install-failure.js"
import type { Python } from "../../../ci/src/project/python-project.js"
import { wantedIn } from "../../../ci/src/project/variables.js"
import { type Files, repositoryOf } from "../projects.js"

async function pythonIn(files: Files): Promise<Python> {
  const found = (await repositoryOf(files)).projects.find(({ language }) => language === "python")?.python
  if (!found) throw new Error("no Python project")
  return found
}

const PIP = { "requirements.txt": "flask\n" }
const NONE = "error: No solution found when resolving dependencies\n  cause: Because "

describe("an install that fails", () => {
  test.each([
    [
      `${NONE}flask==3.1.1 depends on werkzeug>=3.1.0 and you require werkzeug==2.0.0, …\n`,
      "failed",
      "failed",
    ],
    ["error: Couldn't parse requirement in `requirements.txt` at position 0\n", "failed", "failed"],
    ["error: Error parsing included file in `requirements.txt` at position 0\n", "failed", "failed"],
    ["error: Distribution not found at: file:///work/nofolder\n", "failed", "failed"],
    [
      "error: Failed to fetch: `https://pypi.org/simple/x/`\n  cause: HTTP status client error (401 Unauthorized)\n",
      "errored",
      "token",
    ],
  ])("is not tried again where that changes nothing: %j", async (log, verdict, cause) => {
    const python = await pythonIn(PIP)
    expect(pythonInstallFailure(log, python, [])).toMatchObject({ verdict, cause })
    expect(new RegExp(finalPythonFailure(python, []), "m").test(log)).toBe(true)
  })

  test.each([
    `${NONE}nosuch was not found in the package registry and you require nosuch, …\n`,
    `${NONE}there is no version of flask==99.0 and you require flask==99.0, …\n`,
    `${NONE}the current Python version (3.11.7) does not satisfy Python>=3.12, …\n`,
    "error: Request failed after 3 retries\n  cause: Failed to fetch: https://pypi.org/simple/flask/\n",
  ])("is no fault of the code where the registry may lack something: %j", async (log) => {
    expect(pythonInstallFailure(log, await pythonIn(PIP), [])).toMatchObject({
      verdict: "errored",
      cause: "download",
    })
  })

  test("names the variable that requirements want and nobody set, once", async () => {
    const python = await pythonIn(PIP)
    const text = `--extra-index-url https://ci:\${ACME_TOKEN}@pypi.acme.example/simple\nflask\n`
    const missing = wantedIn("requirements.txt", text)
    const log = "error: Request failed\n  cause: Failed to fetch: https://pypi.acme.example/simple/flask/\n"
    expect(pythonInstallFailure(log, python, missing)).toMatchObject({
      cause: "token",
      summary: expect.stringMatching(/^requirements\.txt:1 needs the variable ACME_TOKEN/),
    })
    expect(new RegExp(finalPythonFailure(python, missing)).test(log)).toBe(true)
    expect(pythonInstallFailure(log, python, []).cause).toBe("download")
  })

  test("says that a lock file is out of step", async () => {
    const python = await pythonIn({ "pyproject.toml": '[project]\nname = "a"\n', "uv.lock": "" })
    expect(
      pythonInstallFailure("error: The lockfile at `uv.lock` needs to be updated\n", python, []),
    ).toMatchObject({ verdict: "failed", cause: "lock-file" })
  })
})
