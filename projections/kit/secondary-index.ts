const NONE: readonly string[] = []

/** Most values have one key, so a set, which needs more memory, is created for the second. */
export class SecondaryIndex {
  readonly #keys = new Map<string, string | Set<string>>()

  get(value: string): Iterable<string> {
    const found = this.#keys.get(value)
    if (found === undefined) return NONE
    return typeof found === 'string' ? [found] : found
  }

  add(value: string, key: string): void {
    const found = this.#keys.get(value)
    if (found === undefined) this.#keys.set(value, key)
    else if (typeof found !== 'string') found.add(key)
    else if (found !== key) this.#keys.set(value, new Set([found, key]))
  }

  remove(value: string, key: string): void {
    const found = this.#keys.get(value)
    if (found === key) this.#keys.delete(value)
    else if (found instanceof Set && found.delete(key) && found.size === 0) this.#keys.delete(value)
  }
}
