import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { DensityDocument } from '../api/generated.ts'
import { useQuery } from '../api/use-query.ts'
import { palette } from '../components/palette.ts'
import { useDrawing, useSize } from '../components/use-canvas.ts'
import { at, isInvalidAt } from '../routes/navigation.ts'
import { now } from '../time/clock.ts'
import { formatTime, isoTime } from '../time/format-time.ts'
import {
  head,
  isAfterHead,
  isPast,
  momentTime,
  record,
  shownWindow,
  showPresent,
  showTime,
  showWholeRecord,
  unshown,
  zone,
} from '../time/log.ts'
import { momentWords, type ShownMoment } from '../time/moment-words.ts'
import { presentIn } from '../time/present.ts'
import { learnTimeOfMoment } from '../time/step.ts'
import { xOf } from '../time/time-window.ts'
import type { Density } from './density.ts'
import { AXIS_HEIGHT, drawTimeBar } from './draw-density.ts'
import { addGestures, zoomBy } from './gestures.ts'
import { HoverTime, momentUnder } from './hover-time.tsx'
import { areKeysShown, stepBack, stepForward } from './keyboard.ts'

const BUCKET_PX = 3
const MOST_BUCKETS = 1000

const useDensity = (width: number) => {
  const window = shownWindow.value
  const variables =
    window && width > 0
      ? {
          from: { time: isoTime(window.from) },
          to: { time: isoTime(window.to) },
          buckets: Math.min(Math.max(Math.round(width / BUCKET_PX), 1), MOST_BUCKETS),
        }
      : undefined
  const { data } = useQuery(DensityDocument, variables, head.value).value
  const density = useSignal<Density | undefined>(undefined)
  useEffect(() => {
    if (data === undefined) return
    const { from, bucketMilliseconds, counts } = data.eventDensity
    density.value = { from: Date.parse(from), bucketMs: bucketMilliseconds, counts }
  }, [data])
  return density
}

const shownMoment = (): ShownMoment => ({
  at: unshown.value?.at ?? at.value,
  isInvalid: unshown.value?.isInvalid ?? isInvalidAt.value,
  isAfterHead: unshown.value !== undefined || isAfterHead.value,
  time: momentTime.value,
  now: now.value,
  first: record.value?.first,
})

const Controls = () => {
  return (
    <div class="time-bar-controls">
      <p class="time-bar-moment">{momentWords(shownMoment(), zone.value)}</p>
      <div class="time-bar-buttons">
        <button type="button" class="live" title="Live (L)" aria-pressed={!isPast.value} onClick={showPresent}>
          <i aria-hidden="true" />
          Live
        </button>
        <button type="button" aria-label="Previous event" title="Previous event (←)" onClick={stepBack}>
          ◂
        </button>
        <button
          type="button"
          aria-label="Next event"
          title="Next event (→)"
          disabled={!isPast.value}
          onClick={stepForward}
        >
          ▸
        </button>
        <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => zoomBy(0.5)}>
          +
        </button>
        <button type="button" aria-label="Zoom out" title="Zoom out (−)" onClick={() => zoomBy(2)}>
          −
        </button>
        <button type="button" title="Show the whole record (0)" onClick={showWholeRecord}>
          All
        </button>
        <button type="button" aria-label="Keys" title="Keys (?)" onClick={() => (areKeysShown.value = true)}>
          ?
        </button>
      </div>
    </div>
  )
}

const Handle = ({ width }: { readonly width: number }) => {
  const window = shownWindow.value
  const span = record.value
  if (window === undefined || span === undefined) return null
  const isNow = !isPast.value
  const time = isNow ? span.last : momentTime.value
  if (time === undefined) return null
  const present = isNow ? presentIn(window, span, now.value, width) : undefined
  const x = present === undefined ? xOf(window, width, time) : Math.min(present.x, width - 6)
  if (x < 0 || x > width) return null
  return (
    <div
      class="handle"
      role="slider"
      tabIndex={0}
      aria-label="Moment shown"
      aria-valuemin={Math.round(span.first)}
      aria-valuemax={Math.round(span.last)}
      aria-valuenow={Math.round(Math.min(Math.max(time, span.first), span.last))}
      aria-valuetext={isNow ? 'now' : formatTime(time, zone.value)}
      style={{ left: `${x}px` }}
    />
  )
}

export const TimeBar = () => {
  const chart = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const size = useSize(chart)
  const density = useDensity(size.value.width)
  const hoverX = useSignal<number | undefined>(undefined)
  useSignalEffect(() => void learnTimeOfMoment())

  useDrawing(
    canvas,
    (context, area) => {
      const window = shownWindow.value
      const span = record.value
      if (window === undefined || span === undefined) return
      const present = presentIn(window, span, now.value, area.width)
      const picture = { window, density: density.value, present, now: now.value, last: span.last }
      drawTimeBar(context, { ...picture, moment: momentTime.value, zone: zone.value, palette: palette.value }, area)
    },
    size,
  )

  useEffect(() => {
    const element = chart.current
    if (element === null) return
    return addGestures(element, {
      isPanning: y => y > element.clientHeight - AXIS_HEIGHT,
      onScrub: x => {
        hoverX.value = undefined
        const time = momentUnder(x, element.clientWidth)
        if (time === undefined) showPresent()
        else showTime(time)
      },
      onHover: x => {
        hoverX.value = x
      },
      onLeave: () => {
        hoverX.value = undefined
      },
    })
  }, [])

  return (
    <section class="time-bar" id="time" aria-label="Time" data-past={isPast.value || undefined}>
      <Controls />
      <div class="time-bar-chart" ref={chart}>
        <canvas ref={canvas} aria-hidden="true" />
        <Handle width={size.value.width} />
        <HoverTime x={hoverX} width={size.value.width} />
      </div>
    </section>
  )
}
