/** Returns one page of a list, and the token of the next page. */
export function page<T>(
  all: readonly T[],
  token: string | null,
  size: number,
): { readonly entries: readonly T[]; readonly nextToken: string | null } {
  const from = token === null ? 0 : Number(token)
  const until = from + size
  return { entries: all.slice(from, until), nextToken: until < all.length ? String(until) : null }
}
