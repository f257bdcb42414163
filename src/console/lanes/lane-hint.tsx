import { statusWords } from '../components/status.tsx'
import { TimeText } from '../components/time-text.tsx'
import { describeEvent } from '../events/describe-event.ts'
import type { Hit } from './hit.ts'
import type { Lane, Mark, Segment } from './lane.ts'
import { SpanText, spanDuration, spanNow } from './span-text.tsx'

const WIDTH_PX = 300
const BELOW_PX = 14

const MarkWords = ({ mark }: { readonly mark: Mark }) => (
  <>
    <strong>
      {mark.count === 1 ? describeEvent({ type: mark.type, stream: '', data: {} }) : `${mark.count} events`}
    </strong>
    <TimeText time={mark.time} />
  </>
)

const SegmentWords = ({ lane, segment }: { readonly lane: Lane; readonly segment: Segment }) => {
  const words = statusWords(segment.status, lane.kind)
  const span = spanNow(lane, segment)
  return (
    <>
      <strong>
        {words} for {spanDuration(span)}
        {segment.changes > 0 && `, ${segment.changes} changes`}
      </strong>
      {segment.message && segment.message !== words && <span class="mono">{segment.message}</span>}
      <span>
        <SpanText span={span} />
      </span>
    </>
  )
}

export const LaneHint = ({
  hit,
  width,
  height,
}: {
  readonly hit: Hit
  readonly width: number
  readonly height: number
}) => {
  const { lane, mark, segment, x, y } = hit
  if (mark === undefined && segment?.status === undefined) return null
  const isLow = y > height - 110
  return (
    <div
      class="hint"
      style={{
        left: `${Math.max(Math.min(x - 20, width - WIDTH_PX - 8), 4)}px`,
        ...(isLow ? { bottom: `${height - y + BELOW_PX}px` } : { top: `${y + BELOW_PX}px` }),
      }}
    >
      <span class="soft">
        {lane.kind} {lane.name}
      </span>
      {mark ? <MarkWords mark={mark} /> : segment && <SegmentWords lane={lane} segment={segment} />}
    </div>
  )
}
