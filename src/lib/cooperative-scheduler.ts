/** Time until other work and I/O get the event loop. */
const SLICE_MS = 8
/** Pieces that one round of the event loop resumes. */
const ROUND = 64

type Resume = () => void

interface Begun {
  readonly order: number
  readonly resume: Resume
}

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

/** Runs work immediately if no other waits and the time slice lasts; otherwise serves I/O first. Lanes rotate. */
export class CooperativeScheduler {
  readonly #now: () => number
  readonly #lanes = new Map<string, Lane>()
  #sliceBegan: number | undefined
  #isScheduled = false
  #begun = 0

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  begin(): number {
    this.#begun += 1
    return this.#begun
  }

  /**
   * Undefined if the work may continue.
   *
   * @param order from `begin`, as the lane finishes older work first; 0 for new work
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
    // Node.js settles promises between two immediates, so each piece runs before the next resumes.
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
