import type { EventTimes } from './event-times.ts'
import type { Overview, TimesOf } from './types.ts'

export const createEventDensity =
  (times: EventTimes, timesOf: TimesOf): Overview['density'] =>
  async ({ namespaces, buckets, ...window }) => {
    const span = times.span(namespaces)
    const { from, to } = await timesOf(window, span?.first)
    const length = (to - from) / buckets
    const bounds = Array.from({ length: buckets }, (_, bucket) => from + bucket * length)
    // The window includes the millisecond of its end.
    const before = times.countsBefore(namespaces, [...bounds, to + 1])
    const counts = bounds.map((_, bucket) => (before[bucket + 1] as number) - (before[bucket] as number))
    const total = (before[buckets] as number) - (before[0] as number)
    return { from, to, length, counts, total, ...(span && { span }) }
  }
