export interface Lru<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
  delete(key: Key): void
  clear(): void
}

/**
 * Keeps the `most` entries used last, and at most twice as many. Entries are dropped a generation at a time, which costs
 * a fraction of keeping them in order.
 */
export const createLru = <Key, Value extends {}>(most: number): Lru<Key, Value> => {
  let young = new Map<Key, Value>()
  let old = new Map<Key, Value>()
  const set = (key: Key, value: Value): void => {
    young.set(key, value)
    if (young.size < most) return
    old = young
    young = new Map()
  }
  return {
    get: key => {
      const value = young.get(key)
      if (value !== undefined) return value
      const older = old.get(key)
      if (older !== undefined) set(key, older)
      return older
    },
    set,
    delete: key => {
      young.delete(key)
      old.delete(key)
    },
    clear: () => {
      young = new Map()
      old = new Map()
    },
  }
}
