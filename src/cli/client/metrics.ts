import { printable } from '../../lib/printable.ts'
import type { Client } from './client.ts'
import { exchange } from './http.ts'

const TIMEOUT_MS = 5_000
const OK = 200

interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export const parseMetrics = (text: string): readonly Sample[] =>
  [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
    name,
    labels: Object.fromEntries(
      [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', quoted = '']) => [
        label,
        printable(quoted),
      ]),
    ),
    value: Number(value),
  }))

/** Empty without permission. */
export const readMetricsText = async (client: Client): Promise<string> => {
  const { status, text } = await exchange(client.urlOf('/metrics'), {
    headers: client.token === undefined ? {} : { authorization: `Bearer ${client.token}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  return status === OK ? text : ''
}

export const readMetrics = async (client: Client): Promise<readonly Sample[]> =>
  parseMetrics(await readMetricsText(client))

export const sample = (samples: readonly Sample[], name: string): Sample | undefined =>
  samples.find(each => each.name === name)

export interface Build {
  readonly version: string
  readonly node: string
}

export const buildIn = (samples: readonly Sample[]): Build | undefined => {
  const { version, node } = sample(samples, 'hark_build_info')?.labels ?? {}
  return version === undefined || node === undefined ? undefined : { version, node }
}
