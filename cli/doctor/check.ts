/** The result of a check of this machine. */
export interface Finding {
  readonly level: "ok" | "warn" | "fail"
  /** One line: the state. */
  readonly text: string
  /** What to do, unless all is well. */
  readonly fix?: string
}

/** A check of this machine. */
export interface Check {
  readonly name: string
  readonly run: () => Finding | Promise<Finding>
}

/** The machine is as Slipway needs it. */
export const ok = (text: string): Finding => ({ level: "ok", text })
/** Slipway runs, but something will be missing or slow. `fix` says what to do. */
export const warn = (text: string, fix: string): Finding => ({ level: "warn", text, fix })
/** Slipway cannot run. `fix` says what to do. */
export const fail = (text: string, fix: string): Finding => ({ level: "fail", text, fix })

/** Runs a check. An error in it becomes a finding, so that the other checks still run. */
export async function found(check: Check): Promise<Finding> {
  try {
    return await check.run()
  } catch (error) {
    return fail(`check failed: ${error instanceof Error ? error.message : String(error)}`, "report it")
  }
}
