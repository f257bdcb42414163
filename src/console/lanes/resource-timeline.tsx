import { useComputed, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { isConnected } from '../api/subscription.ts'
import { useSize } from '../components/use-canvas.ts'
import { head, shownWindow } from '../time/log.ts'
import { exactly, NO_FILTER } from './filter.ts'
import type { LaneKind } from './lane.ts'
import { LaneAxis } from './lane-axis.tsx'
import { LaneChart } from './lane-chart.tsx'
import { LaneLabels } from './lane-labels.tsx'
import { LaneStore } from './lane-store.ts'
import { CONDITION_HEIGHT, ROW_HEIGHT, totalHeight } from './row-layout.ts'

interface Properties {
  readonly kind: LaneKind
  readonly namespace: string
  readonly name: string
}

const CONDITIONS = 3

/** Until the lane has arrived, so that what is below can be pressed. A probed listener has one condition more. */
const leastHeight = (kind: LaneKind): number => ROW_HEIGHT + (kind === 'Router' ? 0 : CONDITIONS * CONDITION_HEIGHT)

const createStore = ({ kind, namespace, name }: Properties): LaneStore => {
  const store = new LaneStore()
  store.setFilter({ ...NO_FILTER, kinds: [kind], namespace, name: exactly(name) })
  store.toggle(`${kind}/${namespace}/${name}`)
  return store
}

export const ResourceTimeline = (properties: Properties) => {
  const kept = useRef<LaneStore | undefined>(undefined)
  kept.current ??= createStore(properties)
  const store = kept.current
  const frame = useRef<HTMLDivElement>(null)
  const chart = useRef<HTMLDivElement>(null)
  const scrollTop = useSignal(0)
  const size = useSize(chart)
  const height = Math.max(totalHeight(store.layout.value), leastHeight(properties.kind))
  const rows = useComputed(() => ({ first: 0, end: store.layout.value.count }))
  const window = shownWindow.value
  const { width } = size.value
  useEffect(() => {
    if (window !== undefined && width > 0) store.load(window, width, 0, 1)
  }, [window, head.value, width, isConnected.value])
  useEffect(() => () => store.end(), [])

  return (
    <section class="resource-timeline" aria-label="Timeline" ref={frame}>
      {store.error.value && <p class="notice">{store.error.value.message}</p>}
      <LaneAxis width={width} />
      <div class="lanes-rows" style={{ height: `${height}px` }}>
        <LaneLabels store={store} rows={rows} />
        <div class="lanes-canvas" ref={chart} style={{ height: `${height}px` }}>
          <LaneChart store={store} scroller={frame} scrollTop={scrollTop} size={size} />
        </div>
      </div>
    </section>
  )
}
