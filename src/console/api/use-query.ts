import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { LatestTask } from './latest-task.ts'
import type { Operation } from './operation.ts'
import { ApiError, request } from './request.ts'
import { isConnected } from './subscription.ts'

export interface QueryResult<Data> {
  readonly data: Data | undefined
  readonly error: ApiError | undefined
}

/**
 * What `load` yields. It is loaded again when `key` or `version` changes; while it loads, the latest change waits.
 *
 * @param key undefined to load nothing yet; for another key, each part is shown when it arrives
 * @param version of the same data: they are replaced when all parts have arrived
 */
export const useParts = <Data>(
  key: string | undefined,
  version: string,
  load: (stop: AbortSignal) => AsyncIterable<Data>,
): ReadonlySignal<QueryResult<Data>> => {
  const result = useSignal<QueryResult<Data>>({ data: undefined, error: undefined })
  const tasks = useRef<LatestTask | undefined>(undefined)
  const loadedKey = useRef<string | undefined>(undefined)

  // Requests are sent before the page is painted.
  useLayoutEffect(() => {
    tasks.current = new LatestTask()
    return () => tasks.current?.end()
  }, [])

  useLayoutEffect(() => {
    if (key === undefined) return
    const isOther = loadedKey.current !== key
    tasks.current?.start(async (stop, mayStop) => {
      try {
        let data: Data | undefined
        for await (data of load(stop)) {
          if (stop.aborted) return
          if (!isOther) continue
          loadedKey.current = key
          result.value = { data, error: undefined }
          mayStop()
        }
        if (!stop.aborted && !isOther) result.value = { data, error: undefined }
      } catch (error) {
        if (stop.aborted) return
        const failure = error instanceof ApiError ? error : new ApiError(String(error), 'INTERNAL')
        // The data of another key would stand under the name of this one.
        result.value = { data: loadedKey.current === key ? result.peek().data : undefined, error: failure }
      }
    }, isOther)
  }, [key, version, isConnected.value])

  return result
}

/** What `load` resolves to, like {@link useParts}. */
export const useLoad = <Data>(
  key: string | undefined,
  version: string,
  load: (stop: AbortSignal) => Promise<Data>,
): ReadonlySignal<QueryResult<Data>> =>
  useParts(key, version, async function* (stop) {
    yield await load(stop)
  })

export const useQuery = <Data, Variables extends object>(
  operation: Operation<Data, Variables>,
  variables: Variables | undefined,
  version = '',
): ReadonlySignal<QueryResult<Data>> =>
  useLoad(variables && JSON.stringify(variables), version, stop => request(operation, variables as Variables, stop))
