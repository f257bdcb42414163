import { badInput } from '../../schemas/errors.ts'
import type { Caller } from '../engine/engine.ts'

/** Rows that one operation may be given, over all of its lists together: nested pages multiply. */
const MAX_ROWS = 20_000
/** Reads of the event store that one operation has under way at once: others have a turn between them. */
const READS_AT_ONCE = 8

/** What the resolvers of one operation share. */
export class OperationContext {
  readonly caller: Caller
  #rows = 0
  #reading = 0
  readonly #waiting: (() => void)[] = []

  constructor(caller: Caller) {
    this.caller = caller
  }

  /** A subscription is given so many rows with each of its messages. */
  nextMessage(): void {
    this.#rows = 0
  }

  /** To be told of every page before it is given. */
  takeRows(count: number): void {
    this.#rows += count
    if (this.#rows <= MAX_ROWS) return
    throw badInput([
      { path: 'first', message: `is too much: one request is given ${MAX_ROWS} rows at most, over all its lists` },
    ])
  }

  /** Reads from the store when it is this read's turn. */
  async inTurn<T>(read: () => Promise<T>): Promise<T> {
    if (this.#reading >= READS_AT_ONCE) await new Promise<void>(resolve => this.#waiting.push(resolve))
    else this.#reading += 1
    try {
      return await read()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#reading -= 1
      else next()
    }
  }
}
