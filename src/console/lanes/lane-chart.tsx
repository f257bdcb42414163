import { computed, type ReadonlySignal, useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { palette } from '../components/palette.ts'
import { statusPatterns } from '../components/status-pattern.ts'
import { type Size, useDrawing } from '../components/use-canvas.ts'
import { now } from '../time/clock.ts'
import { record, showEvent, shownWindow, showPresent, showTime, zone } from '../time/log.ts'
import { isSamePixel, type Present, presentIn } from '../time/present.ts'
import { spanOf, timeAt } from '../time/time-window.ts'
import { addGestures } from '../timebar/gestures.ts'
import { momentUnder } from '../timebar/hover-time.tsx'
import { drawLanes, type VisibleLane } from './drawing/draw-lanes.ts'
import { markTiles } from './drawing/draw-marks.ts'
import { MomentLayer } from './drawing/moment-layer.tsx'
import type { Hit } from './hit.ts'
import { markNear, positionText, segmentAt } from './lane.ts'
import { LaneHint } from './lane-hint.tsx'
import type { LaneStore } from './lane-store.ts'
import { rowAt, rowsIn, topOf, totalHeight } from './row-layout.ts'
import { selectedKey, selectLane } from './selection.ts'

const MARK_REACH_PX = 7

interface Properties {
  readonly store: LaneStore
  readonly scroller: RefObject<HTMLElement | null>
  readonly scrollTop: { readonly value: number }
  readonly size: { readonly value: Size; peek(): Size }
}

const visibleLanes = (store: LaneStore, scrollTop: number, height: number): readonly VisibleLane[] => {
  const layout = store.layout.value
  const { first, end } = rowsIn(layout, scrollTop, height)
  const visible: VisibleLane[] = []
  for (let index = first; index < end; index += 1) {
    const lane = store.lane(index)
    if (lane !== undefined)
      visible.push({ lane, top: topOf(layout, index) - scrollTop, isUnfolded: store.unfolded.value.has(lane.key) })
  }
  return visible
}

const hitAt = (store: LaneStore, width: number, scrollTop: number, x: number, y: number): Hit | undefined => {
  const window = shownWindow.peek()
  const layout = store.layout.peek()
  if (window === undefined || y + scrollTop > totalHeight(layout)) return undefined
  const lane = store.rows.peek()[rowAt(layout, y + scrollTop)]?.lane
  if (lane === undefined) return undefined
  const time = timeAt(window, width, x)
  const mark = markNear(lane.marks, time, (MARK_REACH_PX / Math.max(width, 1)) * spanOf(window))
  return { lane, time, mark, segment: segmentAt(lane.segments, time), x, y }
}

const open = ({ lane, mark, x }: Hit, width: number): void => {
  const time = momentUnder(x, width)
  if (mark !== undefined) showEvent(positionText(mark.position), mark.time)
  else if (time === undefined) showPresent()
  else showTime(time)
  selectLane(lane)
}

/** Stays the same while the clock moves by less than a pixel: then the lanes are not drawn again each second. */
const presentOnChart = (size: Properties['size']): ReadonlySignal<Present | undefined> => {
  let latest: Present | undefined
  return computed(() => {
    const [window, span] = [shownWindow.value, record.value]
    const present = window && span && presentIn(window, span, now.value, size.value.width)
    if (!isSamePixel(present, latest)) latest = present
    return latest
  })
}

export const LaneChart = ({ store, scroller, scrollTop, size }: Properties) => {
  const canvas = useRef<HTMLCanvasElement>(null)
  const hit = useSignal<Hit | undefined>(undefined)
  const present = useMemo(() => presentOnChart(size), [])
  const patterns = useMemo(() => computed(() => statusPatterns(palette.value, devicePixelRatio)), [])
  const tiles = useMemo(() => computed(() => markTiles(palette.value, devicePixelRatio)), [])

  useDrawing(
    canvas,
    (context, area) => {
      const window = shownWindow.value
      if (window === undefined || record.value === undefined) return
      const lanes = visibleLanes(store, scrollTop.value, area.height)
      const colours = { palette: palette.value, patterns: patterns.value, tiles: tiles.value }
      drawLanes(
        context,
        { window, present: present.value, lanes, selected: selectedKey.value, zone: zone.value, ...colours },
        area,
      )
    },
    size,
  )

  useEffect(() => {
    const element = canvas.current
    if (element === null) return
    const find = (x: number, y: number): Hit | undefined =>
      hitAt(store, element.clientWidth, scroller.current?.scrollTop ?? 0, x, y)
    return addGestures(element, {
      isPanning: () => true,
      isScrolling: () => totalHeight(store.layout.peek()) > (scroller.current?.clientHeight ?? 0),
      onHover: (x, y) => {
        hit.value = find(x, y)
        element.style.cursor = (hit.value?.mark ?? hit.value?.segment?.status) ? 'pointer' : 'default'
      },
      onLeave: () => {
        hit.value = undefined
      },
      onClick: (x, y) => {
        const found = find(x, y)
        if (found !== undefined) open(found, element.clientWidth)
      },
    })
  }, [])

  return (
    <div class="lane-chart" style={{ height: `${size.value.height}px` }}>
      <canvas ref={canvas} aria-hidden="true" />
      <MomentLayer size={size} />
      {hit.value && <LaneHint hit={hit.value} chart={canvas} />}
    </div>
  )
}
