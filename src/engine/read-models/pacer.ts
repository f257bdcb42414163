import { setTimeout as sleep } from 'node:timers/promises'

/** A request that comes meanwhile waits so long. */
const SLICE_MS = 5

interface PacerOptions {
  readonly now?: () => number
  readonly rest?: (milliseconds: number) => Promise<void>
}

/** Shares a thread with requests: works in slices, one at a time, and rests as long after each. */
export class Pacer {
  readonly #now: () => number
  readonly #rest: (milliseconds: number) => Promise<void>
  #last: Promise<void> = Promise.resolve()

  constructor({ now = () => performance.now(), rest = milliseconds => sleep(milliseconds) }: PacerOptions = {}) {
    this.#now = now
    this.#rest = rest
  }

  /** @param step works a little, and returns false at the end */
  async run(step: () => boolean): Promise<void> {
    for (let isOver = false; !isOver; ) {
      const before = this.#last
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#last = promise
      await before
      try {
        const since = this.#now()
        while (!isOver && this.#now() - since < SLICE_MS) isOver = !step()
        await this.#rest(this.#now() - since)
      } finally {
        resolve()
      }
    }
  }
}
