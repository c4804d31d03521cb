/** Returns a function that works each text out once: a plan of many packages asks for the same scripts thousands of times. */
export const remembered = <T>(work: (text: string) => T): ((text: string) => T) => lookedUp(new Map(), work)

/** Returns a function that works each object out once, as long as the object itself is there. It must not change. */
export const rememberedOf = <K extends object, T>(work: (key: K) => T): ((key: K) => T) =>
  lookedUp(new WeakMap<K, Known<T>>(), work)

interface Known<T> {
  readonly result: T
}

interface Store<K, T> {
  get(key: K): Known<T> | undefined
  set(key: K, known: Known<T>): unknown
}

function lookedUp<K, T>(store: Store<K, T>, work: (key: K) => T): (key: K) => T {
  return (key) => {
    const found = store.get(key) ?? { result: work(key) }
    store.set(key, found)
    return found.result
  }
}
