import * as fs from "node:fs"
import { expect, it } from "vitest"
import { dagger, workspace } from "./modules.js"

/** What a module does with npm packages, as tests: test/rare has them for the stock entry as well. */
export function packageTests(entry: "fast" | "stock"): void {
  const inModule = async (run: (folder: string) => Promise<void>) => {
    const folder = workspace(["packages"], entry)
    await run(folder).finally(() => fs.rmSync(folder, { recursive: true, force: true }))
  }

  it(`uses npm packages (${entry} entry)`, () =>
    inModule(async (folder) => {
      const call = async (...args: string[]) =>
        (await dagger(folder, ["call", "-m", "packages", ...args])).stdout.trim()
      expect(await call("yaml", "--text", "a: 1")).toBe("a: 1")
      expect(await call("invalid")).toBe("a ZodError")
      expect(JSON.parse(await call("logged"))).toEqual({ level: 30, n: 1, msg: "logged" })
      expect(JSON.parse(await call("transported"))).toEqual({ level: 30, msg: "through a thread" })
      expect(await call("compiler")).toBe("5.9.3")
    }))

  it(`makes spans within its call's (${entry} entry)`, () =>
    inModule(async (folder) => {
      const { stdout, stderr } = await dagger(folder, ["call", "-m", "packages", "spans"])
      expect(stdout.trim()).toBe("true true true true")
      expect(stderr).toContain("outer work")
      expect(stderr).toContain("inner work")
    }))
}
