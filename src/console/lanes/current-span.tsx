import { signal } from '@preact/signals'
import { at } from '../routes/navigation.ts'
import { momentTime } from '../time/log.ts'
import { type Lane, segmentAt } from './lane.ts'
import { SpanText, spanDuration, spanNow } from './span-text.tsx'

/** The lane of the resource that the page or the panel is about, as it was loaded last. */
export const laneInFocus = signal<Lane | undefined>(undefined)

/** From when until when the status at the moment that the page shows lasts; nothing if the window is too coarse for it. */
export const CurrentSpan = ({ laneKey }: { readonly laneKey: string }) => {
  const lane = laneInFocus.value
  if (lane?.key !== laneKey) return null
  const time = momentTime.value
  if (at.value !== undefined && time === undefined) return null
  const segment = time === undefined ? lane.segments.at(-1) : segmentAt(lane.segments, time)
  if (segment?.status === undefined || segment.changes > 0) return null
  const span = spanNow(lane, segment)
  return (
    <span class="soft">
      <SpanText span={span} /> ({spanDuration(span)})
    </span>
  )
}
