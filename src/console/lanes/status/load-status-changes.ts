import { LanesDocument } from '../../api/generated.ts'
import { request } from '../../api/request.ts'
import { isoTime } from '../../time/format-time.ts'
import { type Lane, type LaneKind, type LaneStatus, laneOf } from '../lane.ts'
import { closeEvents } from './close-events.ts'
import { statusBegunAt } from './status-change.ts'
import { MOST_CELLS } from './status-start.ts'

export interface LaneEvent {
  readonly position: string
  /** Milliseconds since 1970. */
  readonly time: number
  readonly key: string
  readonly kind: LaneKind
  readonly namespace: string
}

const MOST_LANES = 200

const lanesAround = async (events: readonly LaneEvent[], stop: AbortSignal): Promise<ReadonlyMap<string, Lane>> => {
  const times = events.map(({ time }) => time)
  const namespaces = new Set(events.map(({ namespace }) => namespace))
  const [namespace] = namespaces
  const { statusLanes } = await request(
    LanesDocument,
    {
      from: { time: isoTime(Math.min(...times) - 1) },
      to: { time: isoTime(Math.max(...times) + 1) },
      resolution: MOST_CELLS,
      filter: {
        kinds: [...new Set(events.map(({ kind }) => kind))],
        ...(namespaces.size === 1 && namespace !== undefined && { namespace }),
      },
      first: MOST_LANES,
      hasConditions: false,
    },
    stop,
  )
  const [from, to] = [Date.parse(statusLanes.from), Date.parse(statusLanes.to)]
  return new Map(statusLanes.edges.map(({ node }) => laneOf(node, from, to)).map(lane => [lane.key, lane]))
}

export const loadedKey = ({ key, position }: LaneEvent): string => `${key} ${position}`

/** The statuses that began at events, by their {@link loadedKey}; null where none did. */
export const loadStatusChanges = async (
  events: readonly LaneEvent[],
  stop: AbortSignal,
): Promise<ReadonlyMap<string, LaneStatus | null>> => {
  const found = new Map<string, LaneStatus | null>()
  for (const group of closeEvents(events)) {
    const lanes = await lanesAround(group, stop)
    for (const event of group) {
      const lane = lanes.get(event.key)
      const status = lane === undefined ? null : statusBegunAt(lane, event)
      if (status !== undefined) found.set(loadedKey(event), status)
    }
  }
  return found
}
