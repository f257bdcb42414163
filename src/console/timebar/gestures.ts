import { now } from '../time/clock.ts'
import { momentTime, record, shownWindow, showWindow } from '../time/log.ts'
import { clampWindow, pan, type TimeWindow, timeAt, zoomAbout, zoomCentre } from '../time/time-window.ts'
import { momentUnder } from './hover-time.tsx'

const WHEEL_ZOOM = 0.0022
const LINE_PX = 16
const CLICK_PX = 4

interface GestureHandlers {
  /** @param x pixels from the left edge of the chart */
  readonly onClick?: (x: number, y: number) => void
  readonly onScrub?: (x: number) => void
  readonly onHover?: (x: number, y: number) => void
  readonly onLeave?: () => void
  /** Whether a drag that starts there pans rather than scrubs. */
  readonly isPanning: (y: number) => boolean
  /** Whether a wheel without a modifier scrolls rather than zooms. */
  readonly isScrolling?: () => boolean
}

const show = (window: TimeWindow): void => {
  const span = record.peek()
  if (span !== undefined) showWindow(clampWindow(window, span, now.peek()))
}

/** @param factor less than 1 to see more detail */
export const zoomBy = (factor: number): void => {
  const window = shownWindow.peek()
  if (window !== undefined) show(zoomAbout(window, zoomCentre(window, momentTime.peek()), factor))
}

export const panBy = (share: number): void => {
  const window = shownWindow.peek()
  if (window !== undefined) show(pan(window, share))
}

const onWheel =
  (element: HTMLElement, { isScrolling }: GestureHandlers) =>
  (event: WheelEvent): void => {
    const window = shownWindow.peek()
    if (window === undefined) return
    const { left, width } = element.getBoundingClientRect()
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1
    const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey
    if (!isSideways && !event.ctrlKey && !event.metaKey && isScrolling?.()) return
    event.preventDefault()
    if (isSideways) return show(pan(window, ((event.deltaX || event.deltaY) * unit) / width))
    // Pinching a trackpad sends a wheel event with the control key.
    const speed = event.ctrlKey ? 4 : 1
    const time = momentUnder(event.clientX - left, width) ?? record.peek()?.last ?? window.to
    show(zoomAbout(window, time, Math.exp(event.deltaY * unit * WHEEL_ZOOM * speed)))
  }

interface Pointer {
  readonly x: number
  readonly y: number
}

class Pointers {
  readonly #element: HTMLElement
  readonly #handlers: GestureHandlers
  readonly #pressed = new Map<number, Pointer>()
  #start: (Pointer & { readonly isPanning: boolean }) | undefined
  #hasMoved = false

  constructor(element: HTMLElement, handlers: GestureHandlers) {
    this.#element = element
    this.#handlers = handlers
  }

  #at({ clientX, clientY }: PointerEvent): Pointer {
    const { left, top } = this.#element.getBoundingClientRect()
    return { x: clientX - left, y: clientY - top }
  }

  down(event: PointerEvent): void {
    if (event.button !== 0) return
    const point = this.#at(event)
    this.#element.setPointerCapture(event.pointerId)
    this.#pressed.set(event.pointerId, point)
    this.#hasMoved = this.#pressed.size > 1
    this.#start = { ...point, isPanning: event.shiftKey || this.#handlers.isPanning(point.y) }
    if (!this.#start.isPanning && this.#pressed.size === 1) this.#handlers.onScrub?.(point.x)
  }

  move(event: PointerEvent): void {
    const point = this.#at(event)
    const before = this.#pressed.get(event.pointerId)
    if (before === undefined) return this.#handlers.onHover?.(point.x, point.y)
    const window = shownWindow.peek()
    if (window === undefined || this.#start === undefined) return
    const width = this.#element.clientWidth
    const other = [...this.#pressed].find(([id]) => id !== event.pointerId)?.[1]
    if (other !== undefined) {
      const factor = Math.abs(before.x - other.x) / Math.max(Math.abs(point.x - other.x), 1)
      show(zoomAbout(window, timeAt(window, width, (point.x + other.x) / 2), Math.min(Math.max(factor, 0.5), 2)))
    } else {
      if (Math.abs(point.x - this.#start.x) > CLICK_PX) this.#hasMoved = true
      if (!this.#start.isPanning) this.#handlers.onScrub?.(point.x)
      else if (this.#hasMoved) show(pan(window, (before.x - point.x) / width))
    }
    this.#pressed.set(event.pointerId, point)
  }

  up(event: PointerEvent): void {
    if (!this.#pressed.delete(event.pointerId)) return
    const { x, y } = this.#at(event)
    if (!this.#hasMoved && event.type === 'pointerup') this.#handlers.onClick?.(x, y)
  }
}

export const addGestures = (element: HTMLElement, handlers: GestureHandlers): (() => void) => {
  const pointers = new Pointers(element, handlers)
  const stop = new AbortController()
  const { signal } = stop
  element.addEventListener('wheel', onWheel(element, handlers), { passive: false, signal })
  element.addEventListener('pointerdown', event => pointers.down(event), { signal })
  element.addEventListener('pointermove', event => pointers.move(event), { signal })
  element.addEventListener('pointerup', event => pointers.up(event), { signal })
  element.addEventListener('pointercancel', event => pointers.up(event), { signal })
  element.addEventListener('pointerleave', () => handlers.onLeave?.(), { signal })
  return () => stop.abort()
}
