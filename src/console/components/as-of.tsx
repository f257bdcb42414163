import { momentTime } from '../time/log.ts'
import { TimeText } from './time-text.tsx'

/** Follows a status or a count that is not of the present. */
export const AsOf = () =>
  momentTime.value === undefined ? null : (
    <span class="as-of">
      as of <TimeText time={momentTime.value} />
    </span>
  )
