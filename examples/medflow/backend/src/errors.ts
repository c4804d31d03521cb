export type ErrorKind = "not-found" | "conflict" | "rejected" | "unidentified"

/** An error that the caller may see. Its codes say what is wrong and never carry anyone's data. */
export class AppError extends Error {
  constructor(
    readonly kind: ErrorKind,
    readonly codes: readonly string[],
  ) {
    super(`${kind}: ${codes.join(", ")}`)
    this.name = "AppError"
  }
}

export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new AppError("not-found", [what])
  return value
}
