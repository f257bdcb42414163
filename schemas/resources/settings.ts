import { z } from 'zod'
import { mustBe } from '../validation.ts'
import { probe, probeIntervalSeconds } from './probe.ts'

const OBSERVERS = ['auto', 'none', 'http1', 'http2'] as const

/** How the router looks into a listener's traffic for its metrics. */
export const observer = z.enum(OBSERVERS, mustBe(`an observer (one of ${OBSERVERS.join(', ')})`, 'string'))
export type Observer = z.infer<typeof observer>
export const DEFAULT_OBSERVER: Observer = 'auto'

const settingsMap = mustBe('a map of texts', 'object')

/** Additional settings: names to texts. */
export const settings = z.record(z.string(), z.string(mustBe('a text', 'string')), settingsMap)

/** The settings of a listener, of which Skupper knows `observer`. */
export const listenerSettings = z
  .object({ observer: observer.optional() }, settingsMap)
  .catchall(z.string(mustBe('a text', 'string')))

/** The settings of a listener as people write them: those of Hark's own are checked. */
export const listenerSettingsInput = z
  .object(
    { observer: observer.optional(), probe: probe.optional(), probeIntervalSeconds: probeIntervalSeconds.optional() },
    settingsMap,
  )
  .catchall(z.string(mustBe('a text', 'string')))
  .refine(({ probe, probeIntervalSeconds: interval }) => probe !== undefined || interval === undefined, {
    path: ['probeIntervalSeconds'],
    error: 'has no meaning without settings.probe: give probe: tcp as well',
  })
