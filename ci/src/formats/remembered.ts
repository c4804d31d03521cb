/** Returns a function that works each text out once: a plan of many packages asks for the same scripts thousands of times. */
export function remembered<T>(work: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly result: T }>()
  return (text) => {
    const found = known.get(text) ?? { result: work(text) }
    known.set(text, found)
    return found.result
  }
}
