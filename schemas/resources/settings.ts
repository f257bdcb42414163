import { z } from 'zod'
import { mustBe } from '../validation.ts'
import { withoutPrototype } from './map-keys.ts'
import { probe, probeIntervalSeconds } from './probe.ts'

const OBSERVERS = ['auto', 'none', 'http1', 'http2'] as const

/** The protocol of the router's traffic metrics. */
export const observer = z.enum(OBSERVERS, mustBe(`an observer (one of ${OBSERVERS.join(', ')})`, 'string'))
export type Observer = z.infer<typeof observer>
export const DEFAULT_OBSERVER: Observer = 'auto'

const settingsMap = mustBe('a map of texts', 'object')

export const settings = z.record(z.string(), z.string(mustBe('a text', 'string')), settingsMap)

const validKeys = withoutPrototype('a key of a setting: give it another name')

/** User input. */
export const settingsInput = validKeys.pipe(settings)

/** Skupper defines `observer` only. */
export const listenerSettings = z
  .object({ observer: observer.optional() }, settingsMap)
  .catchall(z.string(mustBe('a text', 'string')))

/** User input; validates Hark's own settings. */
export const listenerSettingsInput = validKeys.pipe(
  z
    .object(
      { observer: observer.optional(), probe: probe.optional(), probeIntervalSeconds: probeIntervalSeconds.optional() },
      settingsMap,
    )
    .catchall(z.string(mustBe('a text', 'string')))
    .refine(({ probe, probeIntervalSeconds: interval }) => probe !== undefined || interval === undefined, {
      path: ['probeIntervalSeconds'],
      error: 'has no meaning without settings.probe: give probe: tcp as well',
    }),
)
