/** Loads zx. Most commands run no other program and start faster without it. */
export async function shell() {
  const { $ } = await import("zx/core")
  return $({ quiet: true, nothrow: true })
}
