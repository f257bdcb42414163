import { isPast } from '../time/log.ts'

/** Follows a status or a count that is not of the present; the head of the page has the time. */
export const AsOf = () => (isPast.value ? <span class="as-of">at that time</span> : null)
