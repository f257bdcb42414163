import { LanesDocument } from '../../api/generated.ts'
import { request } from '../../api/request.ts'
import type { Subject } from '../../events/describe-event.ts'
import { isoTime } from '../../time/format-time.ts'
import type { TimeWindow } from '../../time/time-window.ts'
import { exactly } from '../filter.ts'
import { laneOf } from '../lane.ts'
import { type LoadSegments, MOST_CELLS } from './status-start.ts'

export const segmentsOfResource =
  (
    { kind, namespace, name }: Subject & { readonly kind: 'Listener' | 'Connector' | 'MultiKeyListener' | 'Router' },
    stop: AbortSignal,
  ): LoadSegments =>
  async ({ from, to }: TimeWindow) => {
    const filter = { namespace, name: exactly(name), kinds: [kind] }
    const window = { from: { time: isoTime(from) }, to: { time: isoTime(to) }, resolution: MOST_CELLS }
    const { statusLanes } = await request(LanesDocument, { ...window, filter, first: 1, hasConditions: false }, stop)
    const node = statusLanes.edges[0]?.node
    return node === undefined ? [] : laneOf(node, Date.parse(statusLanes.from), Date.parse(statusLanes.to)).segments
  }
