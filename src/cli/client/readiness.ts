import { printWarning } from '../output/print.ts'
import type { Client } from './client.ts'

const TIMEOUT_MS = 2_000

interface Readiness {
  readonly ready?: boolean
  readonly live?: boolean
  readonly reasons?: readonly string[]
}

const readinessOf = async (client: Client): Promise<Readiness> => {
  const response = await fetch(client.urlOf('/readyz'), { signal: AbortSignal.timeout(TIMEOUT_MS) })
  return (await response.json()) as Readiness
}

export const warnIfStale = async (client: Client): Promise<void> => {
  const { ready, live, reasons = [] } = await readinessOf(client).catch((): Readiness => ({}))
  if (ready === false || live === false)
    printWarning(`the engine is not ready, what it shows may be out of date: ${reasons.join('; ')}`)
}
