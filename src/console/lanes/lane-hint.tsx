import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { type EventFragment, EventsBeforeDocument } from '../api/generated.ts'
import { useQuery } from '../api/use-query.ts'
import { statusWords } from '../components/status.tsx'
import { TimeText } from '../components/time-text.tsx'
import { describeEvent, messageOf } from '../events/describe-event.ts'
import { hintPlace } from './hint-place.ts'
import type { Hit } from './hit.ts'
import { type Lane, type Mark, positionText, type Segment } from './lane.ts'
import { SpanEnd, SpanText, spanDuration, spanNow } from './status/span-text.tsx'

/** The event of a mark, of which a lane has the type only; undefined until it is loaded. */
const useEvent = ({ namespace }: Lane, mark: Mark | undefined): EventFragment | undefined => {
  const position = mark?.count === 1 ? positionText(mark.position) : undefined
  const variables = position === undefined ? undefined : { namespace, to: { position }, last: 1 }
  const event = useQuery(EventsBeforeDocument, variables).value.data?.events.edges[0]?.node
  return event?.position === position ? event : undefined
}

const MarkWords = ({ mark, event }: { readonly mark: Mark; readonly event: EventFragment | undefined }) => {
  const message = event && messageOf(event)
  return (
    <>
      <strong>
        {mark.count === 1 ? describeEvent(event ?? { type: mark.type, stream: '', data: {} }) : `${mark.count} events`}
      </strong>
      {message && <span class="mono">{message}</span>}
      <TimeText time={mark.time} />
    </>
  )
}

const SegmentWords = ({ lane, segment }: { readonly lane: Lane; readonly segment: Segment }) => {
  const words = statusWords(segment.status, lane.kind)
  const span = spanNow(lane, segment)
  if (segment.changes > 0)
    return (
      <>
        <strong>
          {segment.changes} changes of status, with {words}
        </strong>
        <span>
          between <TimeText time={segment.from} /> and <SpanEnd {...span} />
        </span>
      </>
    )
  return (
    <>
      <strong>
        {words} for {spanDuration(span)}
      </strong>
      {segment.message && segment.message !== words && <span class="mono">{segment.message}</span>}
      <span>
        <SpanText span={span} />
      </span>
    </>
  )
}

interface Properties {
  readonly hit: Hit
  /** The positions of a hit are relative to it. */
  readonly chart: RefObject<HTMLElement | null>
}

/** Above everything else on the page, so that no edge of the lanes cuts it. */
export const LaneHint = ({ hit: { lane, mark, segment, x, y }, chart }: Properties) => {
  const hint = useRef<HTMLDivElement>(null)
  const event = useEvent(lane, mark)
  useLayoutEffect(() => {
    const [element, origin] = [hint.current, chart.current?.getBoundingClientRect()]
    if (element === null || origin === undefined) return
    element.showPopover()
    const { left, top } = hintPlace(
      { x: origin.left + x, y: origin.top + y },
      { width: element.offsetWidth, height: element.offsetHeight },
      { width: innerWidth, height: innerHeight },
    )
    element.style.left = `${left}px`
    element.style.top = `${top}px`
  })
  if (mark === undefined && segment?.status === undefined) return null
  return (
    <div class="hint" popover="manual" ref={hint}>
      <span class="soft">
        {lane.kind} {lane.name}
      </span>
      {mark ? <MarkWords mark={mark} event={event} /> : segment && <SegmentWords lane={lane} segment={segment} />}
    </div>
  )
}
