import { performance } from 'node:perf_hooks'
import { type Clock, systemClock, type Timer } from '../../src/lib/clock.ts'

interface VirtualTimer {
  readonly work: () => void
  readonly everyMs: number | undefined
  due: number
}

/** So many turns of the event loop without any I/O, and pending work of this process has ended. */
const QUIET_TURNS = 40
/** Timers that are due within so many milliseconds fire together. */
const STEP_MS = 10
/** Between two looks of `eventually`: the longest, as looks may cost a lot. */
const LONGEST_POLL_MS = 250
const READING_MS = 1e-6
/** Virtual milliseconds per real one at most: the kernel may hold back a small packet for 40 ms, without a trace here. */
const MOST_SPEED = 50
/** Work of Node.js's own threads is waited for no longer than this: a look-up of a name may take seconds. */
const LONGEST_WAIT_MS = 250
const REQUESTS = /Req|Connect|Write|Shutdown|Crypto/

/** Whether something is under way outside the event loop: files, names, connections. */
const isBusyElsewhere = (): boolean => process.getActiveResourcesInfo().some(name => REQUESTS.test(name))

/**
 * Time that passes only while this process has nothing else to do: once no I/O has come in for a while, it leaps to the
 * next timer. However busy the machine is, nothing is late by this clock; and what waits ten seconds takes milliseconds.
 */
class VirtualClock implements Clock {
  readonly #timers = new Set<VirtualTimer>()
  #now = 0
  #isRunning = false
  #events = -1
  #quietTurns = 0
  #quietSince = 0
  #advancedAt = performance.now()

  /** No two readings are alike, so that what happens in one moment still has an order. */
  now(): number {
    this.#now += READING_MS
    return this.#now
  }

  wallTime(): number {
    return this.now()
  }

  setTimeout(work: () => void, ms: number): Timer {
    return this.#start(work, ms, undefined)
  }

  setInterval(work: () => void, ms: number): Timer {
    return this.#start(work, ms, ms)
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    if (signal?.aborted) {
      reject(signal.reason)
      return promise
    }
    const onAbort = () => {
      timer.cancel()
      reject(signal?.reason)
    }
    const timer = this.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
    return promise
  }

  #start(work: () => void, ms: number, everyMs: number | undefined): Timer {
    const timer: VirtualTimer = { work, everyMs, due: this.#now + Math.max(0, ms) }
    this.#timers.add(timer)
    if (!this.#isRunning) {
      this.#isRunning = true
      setImmediate(() => this.#turn())
    }
    return { cancel: () => void this.#timers.delete(timer) }
  }

  #turn(): void {
    if (this.#timers.size === 0) {
      this.#isRunning = false
      return
    }
    const { events } = performance.nodeTiming.uvMetricsInfo
    if (events !== this.#events) {
      this.#events = events
      this.#quietTurns = 0
    }
    if (this.#quietTurns === 0) this.#quietSince = performance.now()
    this.#quietTurns += 1
    if (this.#quietTurns < QUIET_TURNS) {
      setImmediate(() => this.#turn())
      return
    }
    const waitMs = this.#isAtRest() ? this.#tooFastBy(this.#nextDue()) : 1
    if (waitMs <= 0) this.#advanceTo(this.#nextDue())
    if (waitMs < 1) setImmediate(() => this.#turn())
    // Turning meanwhile would take the processor from other processes.
    else setTimeout(() => this.#turn(), waitMs)
  }

  /** Real milliseconds until the clock may show this time. */
  #tooFastBy(time: number): number {
    return (time - this.#now) / MOST_SPEED - (performance.now() - this.#advancedAt)
  }

  #isAtRest(): boolean {
    return !isBusyElsewhere() || performance.now() - this.#quietSince > LONGEST_WAIT_MS
  }

  #nextDue(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { due } of this.#timers) next = Math.min(next, due)
    return Math.max(next, this.#now + STEP_MS)
  }

  #advanceTo(time: number): void {
    this.#advancedAt = performance.now()
    this.#quietTurns = 0
    this.#now = time
    const due = [...this.#timers].filter(timer => timer.due <= this.#now).sort((a, b) => a.due - b.due)
    for (const timer of due) {
      if (!this.#timers.has(timer)) continue
      if (timer.everyMs === undefined) this.#timers.delete(timer)
      else timer.due = this.#now + timer.everyMs
      timer.work()
    }
  }
}

/** The clock of the tests of this process, and of the routers that they simulate. */
export const clock = new VirtualClock()

/** The system's timers with another time to look at. */
export const clockThatShows = (now: () => number): Clock => ({ ...systemClock, now, wallTime: now })

/** Work of other threads and processes takes real time, whatever the clock shows: a wait fails no sooner than this. */
const LEAST_WAIT_MS = 15_000

/** Returns whether so much time has passed, by the clock and in reality. */
export const timeLimit = (withinMs: number): (() => boolean) => {
  const [end, realEnd] = [clock.now() + withinMs, performance.now() + LEAST_WAIT_MS]
  return () => clock.now() >= end && performance.now() >= realEnd
}

/** Waits by the clock until a condition holds. */
export const eventually = async (isSo: () => Promise<boolean> | boolean, withinMs = 20_000): Promise<void> => {
  const isOver = timeLimit(withinMs)
  for (let pollMs = STEP_MS; !(await isSo()); pollMs = Math.min(LONGEST_POLL_MS, pollMs * 1.3)) {
    if (isOver()) throw new Error(`the condition did not hold within ${withinMs} ms`)
    await clock.sleep(pollMs)
  }
}
