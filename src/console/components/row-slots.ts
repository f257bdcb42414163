/**
 * Numbers for the elements of rows: rows that come get the elements of rows that leave, which are altered in a fraction of
 * the time that others take to be made.
 */
export class RowSlots {
  #slots: ReadonlyMap<string, number> = new Map()
  #next = 0

  /**
   * @param keys of the rows to show, each once
   * @param focused whose element no other row may take over: Enter would follow its link instead
   */
  assign(keys: readonly string[], focused?: number): ReadonlyMap<string, number> {
    const staying = new Set(keys)
    const free = [...this.#slots]
      .flatMap(([key, slot]) => (staying.has(key) || slot === focused ? [] : [slot]))
      .values()
    this.#slots = new Map(keys.map(key => [key, this.#slots.get(key) ?? free.next().value ?? this.#next++]))
    return this.#slots
  }
}

/** That of the row with the focus; rows have it as data-slot. */
export const focusedSlot = (): number | undefined => {
  const slot = document.activeElement?.closest<HTMLElement>('[data-slot]')?.dataset.slot
  return slot === undefined ? undefined : Number(slot)
}
