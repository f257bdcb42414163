import { signal } from '@preact/signals'
import { momentTime, record, shownWindow, showPresent, showTime, showWholeRecord } from '../time/log.ts'
import { type StepScope, step } from '../time/step.ts'
import { reveal, spanOf } from '../time/time-window.ts'
import { panBy, zoomBy } from './gestures.ts'

export const areKeysShown = signal(false)

let scope: StepScope = {}

export const stepThrough = (resource: StepScope): (() => void) => {
  scope = resource
  return () => {
    if (scope === resource) scope = {}
  }
}

export const stepBack = (): void => void step('back', scope)
export const stepForward = (): void => void step('forward', scope)

const jump = (share: number): void => {
  const window = shownWindow.peek()
  const span = record.peek()
  if (window === undefined || span === undefined) return
  const target = (momentTime.peek() ?? span.last) + spanOf(window) * share
  if (target > span.last) return showPresent()
  const time = Math.max(target, span.first)
  showTime(time)
  shownWindow.value = reveal(window, time)
}

const showFirst = (): void => {
  const span = record.peek()
  if (span === undefined) return
  showTime(span.first)
  shownWindow.value = reveal(shownWindow.peek() ?? { from: span.first, to: span.last }, span.first)
}

const KEYS: Readonly<Record<string, () => void>> = {
  ArrowLeft: stepBack,
  ArrowRight: stepForward,
  PageUp: () => jump(-1),
  PageDown: () => jump(1),
  Home: showFirst,
  End: showPresent,
  l: showPresent,
  L: showPresent,
  '+': () => zoomBy(0.5),
  '=': () => zoomBy(0.5),
  '-': () => zoomBy(2),
  '0': showWholeRecord,
  '?': () => (areKeysShown.value = true),
  '[': () => panBy(-0.25),
  ']': () => panBy(0.25),
}

export const KEY_WORDS: readonly (readonly [keys: string, words: string])[] = [
  ['← →', 'Event before, next event'],
  ['PgUp, PgDn', 'A window earlier, later'],
  ['Home', 'First event'],
  ['End, L', 'Return to now'],
  ['+ −', 'Zoom in, out'],
  ['0', 'Show the whole record'],
  ['[ ]', 'Move the window'],
  ['↑ ↓', 'Lane above, below, from a lane'],
  ['Escape', 'Close the panel'],
  ['?', 'Show these keys'],
]

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.matches('input:not([type=checkbox]), select, textarea') || target.isContentEditable)

export const followKeys = (): void =>
  document.addEventListener('keydown', event => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    if (document.querySelector('dialog[open]') !== null) return
    const run = KEYS[event.key]
    if (run === undefined) return
    event.preventDefault()
    run()
  })
