/** Work goes on for so long before others, and what comes in from outside, have the event loop. */
const SLICE_MS = 8
/** How many pieces of work one round of the event loop can resume. */
const ROUND = 64

type Resume = () => void

interface Begun {
  readonly order: number
  readonly resume: Resume
}

/** What waits in one lane: first what has not begun, then what began first. */
class Lane {
  #fresh: Resume[] = []
  #taken = 0
  readonly #begun: Begun[] = []

  get isEmpty(): boolean {
    return this.#fresh.length === this.#taken && this.#begun.length === 0
  }

  push(order: number, resume: Resume): void {
    if (order === 0) this.#fresh.push(resume)
    else {
      const place = this.#begun.findIndex(other => other.order > order)
      this.#begun.splice(place === -1 ? this.#begun.length : place, 0, { order, resume })
    }
  }

  take(): Resume | undefined {
    const fresh = this.#fresh[this.#taken]
    if (fresh === undefined) return this.#begun.shift()?.resume
    this.#taken += 1
    if (this.#taken === this.#fresh.length) {
      this.#fresh = []
      this.#taken = 0
    }
    return fresh
  }
}

/**
 * Shares the event loop. Work asks for its turn before each of its pieces. It goes on at once while nothing else waits
 * and the present slice is not used up; else it waits, and I/O is served in between. Lanes are served in rotation.
 */
export class Turns {
  readonly #now: () => number
  /** The lane that is served next is first. */
  readonly #lanes = new Map<string, Lane>()
  #sliceBegan: number | undefined
  #isScheduled = false
  #begun = 0

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** An order for work that begins now. */
  begin(): number {
    this.#begun += 1
    return this.#begun
  }

  /**
   * Undefined where the work may go on at once; else what resolves when it may.
   *
   * @param order of what has begun already: in its lane, what began first is finished first; 0 for what has not begun
   */
  next(lane: string, order = 0): Promise<void> | undefined {
    if (this.#lanes.size === 0 && !this.#isSliceOver()) return undefined
    return new Promise(resume => {
      const waiting = this.#lanes.get(lane)
      if (waiting !== undefined) waiting.push(order, resume)
      else {
        const added = new Lane()
        added.push(order, resume)
        this.#lanes.set(lane, added)
      }
      this.#schedule()
    })
  }

  /** Runs work that cannot fail: now if its turn has come, else later. */
  run(lane: string, work: () => void): void {
    const turn = this.next(lane)
    if (turn === undefined) work()
    else void turn.then(work)
  }

  #isSliceOver(): boolean {
    if (this.#sliceBegan === undefined) {
      this.#sliceBegan = this.#now()
      setImmediate(() => {
        this.#sliceBegan = undefined
      })
      return false
    }
    return this.#now() - this.#sliceBegan >= SLICE_MS
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    // Node.js settles promises between two immediates: what one of them resumed has done its piece before the next.
    setImmediate(() => {
      this.#sliceBegan = this.#now()
      this.#resume()
    })
    for (let turn = 1; turn < ROUND; turn++) setImmediate(() => this.#resume())
    setImmediate(() => {
      this.#sliceBegan = undefined
      this.#isScheduled = false
      if (this.#lanes.size > 0) this.#schedule()
    })
  }

  #resume(): void {
    if (this.#isSliceOver()) return
    for (const [name, lane] of this.#lanes) {
      this.#lanes.delete(name)
      const resume = lane.take()
      if (!lane.isEmpty) this.#lanes.set(name, lane)
      resume?.()
      return
    }
  }
}
