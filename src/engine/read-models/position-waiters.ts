import { unavailable } from '../../../schemas/errors.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'

const SWEEP_MS = 500

interface Waiter {
  readonly position: Position
  readonly deadline: number
  resolve(): void
  reject(error: Error): void
}

export class PositionWaiters {
  readonly #timeoutMs: number
  #waiters: Waiter[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  start(): void {
    this.#timer = setInterval(() => this.#rejectLate(), SWEEP_MS).unref()
  }

  wait(position: Position): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiters.push({ position, deadline: performance.now() + this.#timeoutMs, resolve, reject })
    return promise
  }

  release(position: Position): void {
    const waiting = this.#waiters
    if (waiting.length === 0) return
    this.#waiters = waiting.filter(waiter => waiter.position > position)
    for (const waiter of waiting) if (waiter.position <= position) waiter.resolve()
  }

  rejectAll(error: Error): void {
    for (const { reject } of this.#waiters.splice(0)) reject(error)
  }

  #rejectLate(): void {
    const now = performance.now()
    const late = this.#waiters.filter(({ deadline }) => deadline <= now)
    if (late.length === 0) return
    this.#waiters = this.#waiters.filter(({ deadline }) => deadline > now)
    for (const { reject } of late)
      reject(unavailable('the change is stored, but the event store does not deliver it: send the request again'))
  }

  close(): void {
    clearInterval(this.#timer)
    this.rejectAll(unavailable('the engine is shutting down'))
  }
}
