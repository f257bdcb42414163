/** An entity that others undid so often within the window is fought over; once is enough where another Hark is connected. */
const TIMES = 3
const WINDOW_MS = 60_000
/** After so long Hark tries again, each time twice as long where that is undone as well. */
const FIRST_RETRY_MS = 30_000
const LONGEST_RETRY_MS = 300_000
/** A try that nobody undid for so long has ended it: whoever looks at a router does so more often. */
const QUIET_MS = 15_000
/** What others call themselves is theirs to choose. */
const LONGEST_NAME = 100

/** How Hark calls itself to a router. The rest of the name tells one connection from the one before. */
const HARK = /^hark[/-](.*?)(?:#|$)/

/**
 * Whether somebody else drives the router as well: sets back again and again what this engine sets. Two that each made the
 * router right would undo each other for ever, and both would say that all is well. So this one stops, says so, and tries
 * again when the other is gone, or now and then where it is not known who that is.
 */
export class Contest {
  readonly #ownName: string
  readonly #now: () => number
  readonly #undoneAt = new Map<string, readonly number[]>()
  /** Entities that are left as others want them. */
  readonly #disputed = new Set<string>()
  #state: 'none' | 'yielding' | 'trying' = 'none'
  #since = 0
  #retryMs = FIRST_RETRY_MS
  #rivals: readonly string[] = []

  /**
   * @param ownName how this engine calls itself to the router
   * @param isKnown whether the log says already that the router is contested
   */
  constructor(ownName: string, isKnown: boolean, now: () => number) {
    this.#ownName = ownName
    this.#now = now
    if (isKnown) this.#enter('trying')
  }

  /** An entity was found changed, gone, or back, after it was set right. */
  undone(entity: string): void {
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
    if (times.length < TIMES && this.#rivals.length === 0) return
    this.#retryMs = FIRST_RETRY_MS
    for (const disputed of this.#undoneAt.keys()) this.#disputed.add(disputed)
    this.#enter('yielding')
  }

  /** Whether an entity is left as it is. */
  leaves(entity: string): boolean {
    return this.#state === 'yielding' && this.#disputed.has(entity)
  }

  /** Whether anything was undone of late: that is watched more closely. */
  get isSuspected(): boolean {
    return this.#state === 'trying' || (this.#state === 'none' && this.#undoneAt.size > 0)
  }

  /**
   * To be called after each look.
   *
   * @param containers what those that are connected to the router call themselves
   * @returns whether what was left is to be tried again
   */
  review(containers: readonly string[]): boolean {
    const hadRivals = this.#rivals.length > 0
    this.#rivals = this.#otherHarks(containers)
    const passed = this.#now() - this.#since
    if (this.#state === 'none') this.#forgetOld()
    if (this.#state === 'trying' && passed >= QUIET_MS) this.#end()
    if (this.#state !== 'yielding' || this.#rivals.length > 0) return false
    if (!hadRivals && passed < this.#retryMs) return false
    this.#enter('trying')
    return true
  }

  /** What there is to say of it; undefined where nobody else drives the router. */
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

  #forgetOld(): void {
    const oldest = this.#now() - WINDOW_MS
    for (const [entity, times] of this.#undoneAt) if ((times.at(-1) ?? 0) < oldest) this.#undoneAt.delete(entity)
  }
}
