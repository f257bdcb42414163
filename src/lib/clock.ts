import { setTimeout as sleep } from 'node:timers/promises'

export interface Timer {
  cancel(): void
}

/** All durations are milliseconds. */
export interface Clock {
  /** Never decreases. */
  now(): number
  /** Unlike `now`, advances while the machine sleeps. */
  wallTime(): number
  setTimeout(work: () => void, ms: number): Timer
  /** Does not keep the process running. */
  setInterval(work: () => void, ms: number): Timer
  /** Never wakes early. Rejects with the reason of the signal. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  setTimeout: (work, ms) => {
    const timer = setTimeout(work, ms)
    return { cancel: () => clearTimeout(timer) }
  },
  setInterval: (work, ms) => {
    const timer = setInterval(work, ms).unref()
    return { cancel: () => clearInterval(timer) }
  },
  sleep: async (ms, signal) => {
    signal?.throwIfAborted()
    try {
      // Timers of Node.js ignore fractions, and count from the last full millisecond.
      await sleep(Math.ceil(ms) + 1, undefined, signal && { signal })
    } catch (error) {
      throw signal?.aborted ? signal.reason : error
    }
  },
}
