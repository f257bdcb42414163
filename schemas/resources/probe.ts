import { z } from 'zod'
import { mismatch } from '../validation.ts'

/** `tcp` connects to the listener as clients do. */
const PROBES = ['tcp'] as const
const DEFAULT_INTERVAL_SECONDS = 10
const LONGEST_INTERVAL_SECONDS = 3600
const INTERVAL = `a number of seconds (1 to ${LONGEST_INTERVAL_SECONDS})`

const isInterval = (value: unknown): boolean => {
  const seconds = typeof value === 'string' && /^\d{1,4}$/.test(value) ? Number(value) : value
  return typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_INTERVAL_SECONDS
}

export const probe = z.enum(PROBES, {
  error: ({ input }) => mismatch(input, `a probe (${PROBES.join(', ')})`, 'string'),
})

/** Accepts unquoted numbers, although settings are strings. */
export const probeIntervalSeconds = z
  .unknown()
  .refine(isInterval, {
    error: ({ input }) => mismatch(input, INTERVAL, typeof input === 'number' ? 'number' : 'string'),
  })
  .transform(value => String(Number(value)))

export interface Probe {
  readonly kind: (typeof PROBES)[number]
  readonly intervalSeconds: number
}

export const probeSettings = (
  settings: { readonly probe?: string | undefined; readonly probeIntervalSeconds?: string | undefined } = {},
): Readonly<Record<string, string>> => {
  const { probe: kind, probeIntervalSeconds: interval = String(DEFAULT_INTERVAL_SECONDS) } = settings
  return kind === undefined ? {} : { probe: kind, probeIntervalSeconds: interval }
}

/** Ignores invalid settings, because those of old events were not validated. */
export const probeOf = ({ settings }: { readonly settings: Readonly<Record<string, string>> }): Probe | undefined => {
  const kind = PROBES.find(known => known === settings.probe)
  if (kind === undefined) return undefined
  const { probeIntervalSeconds: interval } = settings
  return { kind, intervalSeconds: isInterval(interval) ? Number(interval) : DEFAULT_INTERVAL_SECONDS }
}
