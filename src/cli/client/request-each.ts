import { setTimeout as sleep } from 'node:timers/promises'
import { ServerError } from './errors.ts'

const AT_ONCE = 16

export type Outcome<T, R> =
  | { readonly item: T; readonly result: R; readonly rejection?: undefined }
  | { readonly item: T; readonly rejection: ServerError }

/** A request that a limit rejected was not executed. */
const admitted = async <R>(request: () => Promise<R>): Promise<R> => {
  for (;;) {
    try {
      return await request()
    } catch (error) {
      if (!(error instanceof ServerError) || error.retryAfterMs === 0) throw error
      await sleep(error.retryAfterMs)
    }
  }
}

/**
 * In the order of the items. A request above a limit is sent again when the engine
 * permits.
 *
 * @throws Unreachable after the outcomes of all requests that were sent
 */
export async function* requestEach<T, R>(
  items: readonly T[],
  request: (item: T) => Promise<R>,
): AsyncGenerator<Outcome<T, R>> {
  const failures: unknown[] = []
  const send = async (item: T): Promise<Outcome<T, R> | undefined> => {
    try {
      return { item, result: await admitted(() => request(item)) }
    } catch (error) {
      if (error instanceof ServerError) return { item, rejection: error }
      failures.push(error)
      return undefined
    }
  }
  const sent = items.slice(0, AT_ONCE).map(send)
  let next = sent.length
  for (let first = sent.shift(); first !== undefined; first = sent.shift()) {
    const outcome = await first
    const item = items[next]
    if (item !== undefined && failures.length === 0) {
      sent.push(send(item))
      next += 1
    }
    if (outcome !== undefined) yield outcome
  }
  if (failures.length > 0) throw failures[0]
}
