/**
 * Numbers for the elements of rows: rows that come get the elements of rows that leave, which are altered in a fraction of
 * the time that others take to be made.
 */
export class RowSlots {
  #slots: ReadonlyMap<string, number> = new Map()
  #next = 0

  /** @param keys of the rows to show, each once */
  assign(keys: readonly string[]): ReadonlyMap<string, number> {
    const staying = new Set(keys)
    const free = [...this.#slots].flatMap(([key, slot]) => (staying.has(key) ? [] : [slot])).values()
    this.#slots = new Map(keys.map(key => [key, this.#slots.get(key) ?? free.next().value ?? this.#next++]))
    return this.#slots
  }
}
