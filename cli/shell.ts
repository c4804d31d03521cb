/** zx, loaded where it is used: most commands of the command line need no other command, and start without it. */
export async function shell() {
  const { $ } = await import("zx/core")
  return $({ quiet: true, nothrow: true })
}
