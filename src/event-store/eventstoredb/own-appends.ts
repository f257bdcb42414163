import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'

/** A single caller has one append under way, and gets its event soonest from the live subscription. */
const CROWD = 8

type Observer = (stream: string, position: Position) => void

export class OwnAppends {
  readonly #observers = new Set<Observer>()
  readonly #underWay = new Set<{ readonly stream: string }>()

  get isCrowded(): boolean {
    return this.#underWay.size >= CROWD
  }

  async during<T>(stream: string, appending: Promise<T>): Promise<T> {
    const append = { stream }
    this.#underWay.add(append)
    try {
      return await appending
    } finally {
      this.#underWay.delete(append)
    }
  }

  record(stream: string, position: Position): void {
    for (const observe of this.#observers) observe(stream, position)
  }

  follow(matches: (stream: string) => boolean): FollowedAppends {
    const join = (observer: Observer) => {
      this.#observers.add(observer)
      return () => this.#observers.delete(observer)
    }
    return new FollowedAppends(matches, join, () => [...this.#underWay].some(({ stream }) => matches(stream)))
  }
}

/** Those whose streams a subscription delivers. */
export class FollowedAppends {
  #newest: Position = BEGINNING
  #changed = Promise.withResolvers<void>()
  readonly #isUnderWay: () => boolean
  readonly #leave: () => void

  constructor(
    matches: (stream: string) => boolean,
    join: (observer: Observer) => () => void,
    isUnderWay: () => boolean,
  ) {
    this.#isUnderWay = isUnderWay
    this.#leave = join((stream, position) => {
      if (position <= this.#newest || !matches(stream)) return
      this.#newest = position
      this.#changed.resolve()
    })
  }

  isAfter(position: Position): boolean {
    return this.#newest > position
  }

  /** Resolves after an append, or after so long: to false if then none is under way. */
  async waitForMore(position: Position, milliseconds: number): Promise<boolean> {
    if (this.isAfter(position)) return true
    this.#changed = Promise.withResolvers()
    const timer = setTimeout(this.#changed.resolve, milliseconds)
    await this.#changed.promise
    clearTimeout(timer)
    return this.isAfter(position) || this.#isUnderWay()
  }

  leave(): void {
    this.#leave()
  }
}
