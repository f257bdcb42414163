import { z } from 'zod'
import { notA } from './faults.ts'

const OBSERVERS = ['auto', 'none', 'http1', 'http2'] as const

/** How the router looks into a listener's traffic for its metrics. */
export const observer = z.enum(OBSERVERS, notA(`an observer (one of ${OBSERVERS.join(', ')})`, 'string'))
export type Observer = z.infer<typeof observer>
export const DEFAULT_OBSERVER: Observer = 'auto'

const settingsMap = notA('a map of texts', 'object')

/** Additional settings: names to texts. */
export const settings = z.record(z.string(), z.string(notA('a text', 'string')), settingsMap)

/** The settings of a listener, of which Skupper knows `observer`. */
export const listenerSettings = z
  .object({ observer: observer.optional() }, settingsMap)
  .catchall(z.string(notA('a text', 'string')))
