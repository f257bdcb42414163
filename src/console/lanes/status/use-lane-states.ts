import type { ReadonlySignal } from '@preact/signals'
import { LaneStatesDocument } from '../../api/generated.ts'
import { request } from '../../api/request.ts'
import { useLoad } from '../../api/use-query.ts'
import { at } from '../../routes/navigation.ts'
import { momentOf } from '../../routes/route.ts'
import { isoTime } from '../../time/format-time.ts'
import { isPast, momentTime, record, version } from '../../time/log.ts'
import { type Lane, segmentAt } from '../lane.ts'
import type { LaneStore } from '../lane-store.ts'
import type { RowRange } from '../row-layout.ts'
import { type LaneState, type LaneStates, laneStatesOf, stateIn } from './lane-states.ts'

/** Beyond the lanes in view: resources that exist at the moment, but not in the window. */
const MORE_STATES = 40
const MOST_STATES = 200
/** The engine takes a time to come for the present. */
const TO_COME = '9999-12-31T23:59:59.999Z'

const isOfPresent = ({ segments }: Lane): boolean => (segments.at(-1)?.to ?? 0) >= (record.value?.last ?? 0)

/** The state that a lane at hand has for certain. */
const stateAtHand = (lane: Lane): LaneState | undefined => {
  if (!isPast.value) return isOfPresent(lane) ? lane : undefined
  const segment = momentTime.value === undefined ? undefined : segmentAt(lane.segments, momentTime.value)
  return segment === undefined || segment.changes > 0 ? undefined : { status: segment.status, port: undefined }
}

const load = async (store: LaneStore, { first, end }: RowRange, stop: AbortSignal): Promise<LaneStates> => {
  const moment = isPast.peek() ? momentOf(at.peek()) : undefined
  const { filter, after } = store.namesBefore(first)
  const { statusLanes } = await request(
    LaneStatesDocument,
    {
      from: moment ?? { time: isoTime(record.peek()?.last ?? 0) },
      to: moment ?? { time: TO_COME },
      filter,
      first: Math.min(end - (after === undefined ? 0 : first) + MORE_STATES, MOST_STATES),
      ...(after !== undefined && { after }),
    },
    stop,
  )
  return laneStatesOf(
    statusLanes.edges.map(({ node }) => node),
    !statusLanes.pageInfo.hasNextPage,
  )
}

/**
 * The states of lanes at the moment that the page shows, which need not be in the window. The lanes at hand have a status
 * of the past at once, but no port.
 */
export const useLaneStates = (
  store: LaneStore,
  rows: ReadonlySignal<RowRange>,
): ((lane: Lane) => LaneState | undefined) => {
  const { first, end } = rows.value
  const lanes = store.rows.value.slice(first, end)
  const isNeeded = isPast.value || lanes.some(row => row && !isOfPresent(row.lane))
  const key =
    isNeeded && end > first ? JSON.stringify([at.value, isPast.value, store.namesBefore(first), end]) : undefined
  const { data } = useLoad(key, version.value, async stop => ({
    key,
    states: await load(store, { first, end }, stop),
  })).value
  const states = key !== undefined && data?.key === key ? data.states : undefined
  return lane => {
    const atHand = stateAtHand(lane)
    return (!isPast.value && atHand) || (states && stateIn(states, lane)) || atHand
  }
}
