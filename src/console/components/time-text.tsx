import { formatTime } from '../time/format-time.ts'
import { zone } from '../time/log.ts'

export const TimeText = ({ time }: { readonly time: string | number }) => {
  const ms = typeof time === 'number' ? time : Date.parse(time)
  return <time dateTime={new Date(ms).toISOString()}>{formatTime(ms, zone.value)}</time>
}
