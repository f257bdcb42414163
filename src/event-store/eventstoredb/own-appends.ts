import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'

/** A single caller has one append under way, and gets its event soonest from the live subscription. */
const CROWD = 8

type Observer = (stream: string, position: Position) => void

export class OwnAppends {
  readonly #observers = new Set<Observer>()
  #underWay = 0

  get isCrowded(): boolean {
    return this.#underWay >= CROWD
  }

  async during<T>(appending: Promise<T>): Promise<T> {
    this.#underWay += 1
    try {
      return await appending
    } finally {
      this.#underWay -= 1
    }
  }

  record(stream: string, position: Position): void {
    for (const observe of this.#observers) observe(stream, position)
  }

  follow(matches: (stream: string) => boolean): FollowedAppends {
    return new FollowedAppends(matches, observer => {
      this.#observers.add(observer)
      return () => this.#observers.delete(observer)
    })
  }
}

/** Those whose streams a subscription delivers. */
export class FollowedAppends {
  #newest: Position = BEGINNING
  #changed = Promise.withResolvers<void>()
  readonly #leave: () => void

  constructor(matches: (stream: string) => boolean, join: (observer: Observer) => () => void) {
    this.#leave = join((stream, position) => {
      if (position <= this.#newest || !matches(stream)) return
      this.#newest = position
      this.#changed.resolve()
    })
  }

  isAfter(position: Position): boolean {
    return this.#newest > position
  }

  /** Returns false if nothing is appended for so long. */
  async waitForMore(position: Position, milliseconds: number): Promise<boolean> {
    if (this.isAfter(position)) return true
    this.#changed = Promise.withResolvers()
    const timer = setTimeout(this.#changed.resolve, milliseconds)
    await this.#changed.promise
    clearTimeout(timer)
    return this.isAfter(position)
  }

  leave(): void {
    this.#leave()
  }
}
