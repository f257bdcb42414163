import { type At, isPosition } from '../routes/route.ts'
import { formatDate, formatSeconds, formatTime, zoneName } from './format-time.ts'
import type { TimeZone } from './time-zone.ts'

/** The moment in the address, and what of it can be shown. */
export interface ShownMoment {
  readonly at: At | undefined
  readonly isInvalid: boolean
  readonly isAfterHead: boolean
  /** Undefined in the present, or until it is known. */
  readonly time: number | undefined
  readonly now: number
  /** Of the first event; undefined in an empty log. */
  readonly first: number | undefined
}

/** States why it is not the moment of the address. */
export const momentWords = ({ at, isInvalid, isAfterHead, time, now, first }: ShownMoment, zone: TimeZone): string => {
  if (isInvalid) return 'Now: no valid moment in the address'
  if (at === undefined) return `Now ${formatDate(now, zone)} ${formatSeconds(now, zone)} ${zoneName(now, zone)}`
  if (isAfterHead) return isPosition(at) ? `Now: no event ${Number(at)} yet` : 'Now: that time is to come'
  if (time === undefined) return `As of event ${Number(at)}`
  if (first !== undefined && time < first) return `Nothing existed yet; first event ${formatTime(first, zone)}`
  return formatTime(time, zone)
}
