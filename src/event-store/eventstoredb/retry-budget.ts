import { setTimeout as sleep } from 'node:timers/promises'
import type { CallContext } from './call-context.ts'
import { closed, unavailable } from './errors.ts'

const FIRST_PAUSE_MS = 25
const LONGEST_PAUSE_WITHIN_A_CALL_MS = 500

/** Random, so that clients do not return together. */
export function* backoffDelays(longestMs: number): Generator<number, never> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, longestMs)) yield pause * (0.5 + Math.random() / 2)
}

export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal }).catch(() => {})
}

export class RetryBudget {
  readonly #context: CallContext
  readonly #pauses = backoffDelays(LONGEST_PAUSE_WITHIN_A_CALL_MS)
  #until: number

  constructor(context: CallContext) {
    this.#context = context
    this.#until = performance.now() + context.timeoutMs
  }

  get leftMs(): number {
    return Math.max(1, this.#until - performance.now())
  }

  renew(): void {
    this.#until = performance.now() + this.#context.timeoutMs
  }

  /** @throws StoreUnavailable if no time is left, or the store closes */
  async afterFailure(error: unknown): Promise<void> {
    const ms = this.#pauses.next().value
    if (!this.#context.closing.aborted) {
      if (ms >= this.#until - performance.now()) throw unavailable(error)
      await pause(ms, this.#context.closing)
    }
    if (this.#context.closing.aborted) throw closed()
  }
}
