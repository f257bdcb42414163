import { signal } from '@preact/signals'

const SECOND_MS = 1000
/** The header has whole seconds, and a response takes its time. */
const TOLERANCE_MS = 2000

/** How far the clock of the engine is ahead of this one, in milliseconds; 0 if they agree. */
export const aheadOf = (date: string | null, local: number): number => {
  const ahead = Date.parse(date ?? '') + SECOND_MS / 2 - local
  return Math.abs(ahead) > TOLERANCE_MS ? ahead : 0
}

let ahead = 0

/** The present by the clock of the engine, which dates the events. Changes each second. */
export const now = signal(Date.now())

export const setClockBy = (date: string | null): void => {
  ahead = aheadOf(date, Date.now())
}

export const followClock = (): void => {
  now.value = Date.now() + ahead
  setTimeout(followClock, SECOND_MS - (now.peek() % SECOND_MS))
}
