import { printWarning } from '../output/print.ts'
import type { Client } from './client.ts'
import { exchange } from './http.ts'

const TIMEOUT_MS = 2_000

interface Readiness {
  readonly ready?: boolean
  readonly live?: boolean
  readonly reasons?: readonly string[]
}

export const readReadiness = async (client: Client): Promise<Readiness> => {
  const { text } = await exchange(client.urlOf('/readyz'), { signal: AbortSignal.timeout(TIMEOUT_MS) })
  return JSON.parse(text) as Readiness
}

export const warnIfStale = async (client: Client): Promise<void> => {
  const { ready, live, reasons = [] } = await readReadiness(client).catch((): Readiness => ({}))
  if (ready === false || live === false)
    printWarning(`the engine is not ready, what it shows may be out of date: ${reasons.join('; ')}`)
}
