import { z } from 'zod'
import { mustBe } from '../validation.ts'
import { credentialsName, flag, hostName, portNumber, routingKey, text } from './names.ts'
import { probeSettings } from './probe.ts'
import { DEFAULT_OBSERVER, listenerSettings, observer, writtenListenerSettings } from './settings.ts'

/** A listener's spec as Hark keeps it: every default filled in, one spelling for the observer. */
export const listenerSpec = z.strictObject({
  routingKey,
  host: hostName,
  port: portNumber,
  type: text,
  exposePodsByName: flag,
  tlsCredentials: credentialsName.optional(),
  settings: listenerSettings.required({ observer: true }),
})
export type ListenerSpec = z.infer<typeof listenerSpec>

const written = z.strictObject(
  {
    routingKey,
    host: hostName,
    port: portNumber,
    type: text.optional(),
    exposePodsByName: flag.optional(),
    tlsCredentials: credentialsName.optional(),
    observer: observer.optional(),
    settings: writtenListenerSettings.optional(),
  },
  mustBe('a listener spec', 'object'),
)

const observersOf = (
  value: unknown,
): { readonly observer?: unknown; readonly settings?: { readonly observer?: unknown } } =>
  typeof value === 'object' && value !== null ? value : {}

/**
 * A listener's spec as people write it. Skupper has two spellings of the observer, `settings.observer` and the newer
 * `observer`; either will do, two that differ will not. Defaults are those of Skupper's reference.
 */
export const listenerSpecInput = written
  .refine(
    value => {
      const { observer: newer, settings } = observersOf(value)
      return newer === undefined || settings?.observer === undefined || newer === settings.observer
    },
    {
      path: ['observer'],
      // Asked even where other properties are wrong: every fault is told at once.
      when: () => true,
      error: issue => {
        const { observer: newer, settings } = observersOf(issue.input)
        return `${JSON.stringify(newer)} contradicts settings.observer, which is ${JSON.stringify(settings?.observer)}: give one of the two`
      },
    },
  )
  .transform(
    ({ settings: { probe, probeIntervalSeconds, ...settings } = {}, ...spec }): ListenerSpec => ({
      routingKey: spec.routingKey,
      host: spec.host,
      port: spec.port,
      type: spec.type ?? 'tcp',
      exposePodsByName: spec.exposePodsByName ?? false,
      ...(spec.tlsCredentials === undefined ? {} : { tlsCredentials: spec.tlsCredentials }),
      settings: {
        ...settings,
        ...probeSettings({ probe, probeIntervalSeconds }),
        observer: spec.observer ?? settings.observer ?? DEFAULT_OBSERVER,
      },
    }),
  )
