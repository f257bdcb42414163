/** Reversals of one entity that start a conflict; one suffices while another Hark is connected. */
const UNDONE_LIMIT = 3
const WINDOW_MS = 60_000
/** Doubled each time that a new attempt is undone. */
const FIRST_RETRY_MS = 30_000
const LONGEST_RETRY_MS = 300_000
const QUIET_MS = 15_000
const LONGEST_NAME = 100

const HARK = /^hark[/-](.*?)(?:#|$)/

/**
 * Two controllers would undo each other forever, so this one yields, and retries after the other Hark has gone, or
 * periodically without one.
 */
export class DriverConflict {
  readonly #ownName: string
  readonly #now: () => number
  readonly #undoneAt = new Map<string, readonly number[]>()
  readonly #disputed = new Set<string>()
  #state: 'none' | 'yielding' | 'trying' = 'none'
  #since = 0
  #retryMs = FIRST_RETRY_MS
  #rivals: readonly string[] = []

  /** @param now milliseconds of a monotonic clock */
  constructor(ownName: string, isKnown: boolean, now: () => number) {
    this.#ownName = ownName
    this.#now = now
    if (isKnown) this.#enter('trying')
  }

  recordRevert(entity: string): void {
    if (this.#state !== 'none') {
      this.#disputed.add(entity)
      if (this.#state !== 'trying') return
      this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2)
      this.#enter('yielding')
      return
    }
    const now = this.#now()
    const times = [...(this.#undoneAt.get(entity) ?? []), now].filter(at => now - at < WINDOW_MS)
    this.#undoneAt.set(entity, times)
    if (times.length < UNDONE_LIMIT && this.#rivals.length === 0) return
    this.#retryMs = FIRST_RETRY_MS
    for (const disputed of this.#undoneAt.keys()) this.#disputed.add(disputed)
    this.#enter('yielding')
  }

  yields(entity: string): boolean {
    return this.#state === 'yielding' && this.#disputed.has(entity)
  }

  get isSuspected(): boolean {
    return this.#state === 'trying' || (this.#state === 'none' && this.#undoneAt.size > 0)
  }

  update(containers: readonly string[]): boolean {
    const hadRivals = this.#rivals.length > 0
    this.#rivals = this.#otherHarks(containers)
    const passed = this.#now() - this.#since
    if (this.#state === 'none') this.#dropOld()
    if (this.#state === 'trying' && passed >= QUIET_MS) this.#end()
    if (this.#state !== 'yielding' || this.#rivals.length > 0) return false
    if (!hadRivals && passed < this.#retryMs) return false
    this.#enter('trying')
    return true
  }

  get message(): string | undefined {
    if (this.#state === 'none') return undefined
    if (this.#rivals.length > 0) return `Another Hark drives this router as well: ${this.#rivals.join(', ')}`
    const [entity] = this.#disputed
    const what = entity === undefined ? 'what Hark gives this router' : `${entity} on this router`
    return `Something else changes ${what} again and again: Hark leaves it as it is for now`
  }

  #otherHarks(containers: readonly string[]): string[] {
    const names = containers.flatMap(container => {
      const name = HARK.exec(container)?.[1]
      return name === undefined || name === this.#ownName ? [] : [name.slice(0, LONGEST_NAME)]
    })
    return [...new Set(names)].sort()
  }

  #enter(state: 'yielding' | 'trying'): void {
    this.#state = state
    this.#since = this.#now()
  }

  #end(): void {
    this.#state = 'none'
    this.#disputed.clear()
    this.#undoneAt.clear()
  }

  #dropOld(): void {
    const oldest = this.#now() - WINDOW_MS
    for (const [entity, times] of this.#undoneAt) if ((times.at(-1) ?? 0) < oldest) this.#undoneAt.delete(entity)
  }
}
