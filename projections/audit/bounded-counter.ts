export interface Counted<Key> {
  readonly key: Key
  readonly count: number
}

/** Counts by key. Beyond so many keys, new ones are counted together: what is counted must not decide the memory it takes. */
export class BoundedCounter<Key> {
  readonly #most: number
  readonly #counts = new Map<string, { readonly key: Key; count: number }>()
  #others = 0

  constructor(most: number) {
    this.#most = most
  }

  /** @param text tells this key from every other */
  add(text: string, key: Key): void {
    const known = this.#counts.get(text)
    if (known !== undefined) known.count += 1
    else if (this.#counts.size < this.#most) this.#counts.set(text, { key, count: 1 })
    else this.#others += 1
  }

  /** The largest counts, and how much is left to all other keys together. Of equal ones, the one that came first. */
  largest(most: number): { readonly counted: readonly Counted<Key>[]; readonly others: number } {
    const sorted = [...this.#counts.values()].sort((one, other) => other.count - one.count)
    const rest = sorted.slice(most).reduce((sum, { count }) => sum + count, this.#others)
    return { counted: sorted.slice(0, most).map(({ key, count }) => ({ key, count })), others: rest }
  }
}
