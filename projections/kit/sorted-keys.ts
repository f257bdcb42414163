/** Beyond this, and beyond the number of keys, sorting is as cheap as merging. */
const MAX_ADDED = 1000

export class SortedKeys {
  #sorted: readonly string[] | undefined
  #added: string[] = []
  #removed = false

  add(key: string): void {
    if (this.#sorted === undefined) return
    this.#added.push(key)
    if (this.#added.length > this.#sorted.length + MAX_ADDED) this.#invalidate()
  }

  #invalidate(): void {
    this.#sorted = undefined
    this.#added = []
  }

  remove(): void {
    this.#removed = true
  }

  /** @param map the caller passed every change of its keys to `add` or `remove` */
  keys(map: ReadonlyMap<string, unknown>): readonly string[] {
    if (this.#sorted === undefined) this.#sorted = [...map.keys()].sort()
    else if (this.#added.length > 0 || this.#removed) {
      const kept = this.#removed ? this.#sorted.filter(key => map.has(key)) : this.#sorted
      const added = [...new Set(this.#added)].filter(key => map.has(key)).sort()
      this.#sorted = merge(kept, this.#removed ? added.filter(key => !isIn(kept, key)) : added)
    }
    this.#added = []
    this.#removed = false
    return this.#sorted
  }
}

export const placeOf = (sorted: readonly string[], key: string): number => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}

const isIn = (sorted: readonly string[], key: string): boolean => sorted[placeOf(sorted, key)] === key

const merge = (a: readonly string[], b: readonly string[]): string[] => {
  const merged: string[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length)
    merged.push((a[i] as string) < (b[j] as string) ? (a[i++] as string) : (b[j++] as string))
  while (i < a.length) merged.push(a[i++] as string)
  while (j < b.length) merged.push(b[j++] as string)
  return merged
}
