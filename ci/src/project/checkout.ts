import { plural } from "../formats/figures.js"
import { escapeGlob } from "../formats/glob.js"
import { errored } from "../run/explain.js"
import { NO_WORK } from "../run/outcome.js"
import type { Given, StageKind, StageResult } from "../run/stage.js"
import { lfsPointers, pointersText } from "./lfs.js"
import type { Project } from "./project.js"

const CHECKOUT = "checkout"

/** Looks whether the checkout is whole: its submodules, and the files that Git LFS keeps. */
export const checkout: StageKind = {
  kind: CHECKOUT,
  applies(project) {
    const { missing, lfs } = project.attributes
    if (missing.length === 0 && lfs.length === 0)
      return { applies: false, reason: "no submodule is missing, and no file is kept by Git LFS" }
    const because = [
      missing.length > 0 ? `.gitmodules; ${plural(missing.length, "submodule")} missing` : "",
      lfs.length > 0 ? `.gitattributes; ${plural(lfs.length, "file")} of Git LFS` : "",
    ]
    const stage = {
      name: CHECKOUT,
      kind: CHECKOUT,
      needs: [],
      prepares: true,
      vouches: true,
      because: because.filter(Boolean).join("; "),
      inputs: { include: lfs.length > 0 ? lfs.map(escapeGlob) : [".gitmodules"], exclude: [] },
      run: (given: Given) => run(given, project),
    }
    return { applies: true, stages: [stage] }
  },
}

async function run(given: Given, { attributes: { missing, lfs } }: Project): Promise<StageResult> {
  if (missing.length > 0)
    return errored(
      "errored",
      `${plural(missing.length, "submodule")} not checked out: ${missing.join(", ")}. Run \`git submodule update --init --recursive\``,
      "",
    )
  const pointers = await lfsPointers(given, given.source, lfs)
  const whole = `${plural(lfs.length, "file")} of Git LFS`
  return {
    verdict: "passed",
    cause: null,
    ...NO_WORK,
    summary: pointers.length === 0 ? `${whole}, all fetched` : pointersText(pointers),
    findings: pointers.map((file) => ({
      rule: "lfs-pointer",
      severity: "medium",
      message: "holds a Git LFS pointer instead of its content",
      file,
      line: null,
      standing: { status: "reported", why: "an image with it is not built" },
    })),
  }
}
