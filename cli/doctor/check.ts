/** What a check of this machine found. */
export interface Finding {
  readonly level: "ok" | "warn" | "fail"
  /** One line: what is. */
  readonly text: string
  /** What to do about it, where it is not well. */
  readonly fix?: string
}

/** A check of this machine. */
export interface Check {
  readonly name: string
  readonly run: () => Finding | Promise<Finding>
}

export const ok = (text: string): Finding => ({ level: "ok", text })
export const warn = (text: string, fix: string): Finding => ({ level: "warn", text, fix })
export const fail = (text: string, fix: string): Finding => ({ level: "fail", text, fix })

/** A check whose own failure is a finding: none keeps the others from being shown. */
export async function found(check: Check): Promise<Finding> {
  try {
    return await check.run()
  } catch (error) {
    return fail(`could not look: ${error instanceof Error ? error.message : String(error)}`, "report it")
  }
}
