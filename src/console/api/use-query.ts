import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { at } from '../routes/navigation.ts'
import { LatestTask } from './latest-task.ts'
import type { Operation } from './operation.ts'
import { ApiError, request } from './request.ts'
import { connection } from './subscription.ts'

export interface QueryResult<Data> {
  /** The latest data, of earlier variables while the present ones load. */
  readonly data: Data | undefined
  readonly error: ApiError | undefined
  readonly isLoading: boolean
}

/**
 * What `load` resolves to, which is loaded again when `key` changes. While it loads, the latest change waits.
 *
 * @param key undefined to load nothing yet
 */
export const useLoad = <Data>(
  key: string | undefined,
  load: (stop: AbortSignal) => Promise<Data>,
): ReadonlySignal<QueryResult<Data>> => {
  const result = useSignal<QueryResult<Data>>({ data: undefined, error: undefined, isLoading: true })
  const tasks = useRef<LatestTask | undefined>(undefined)
  const shownAt = useRef(at.peek())
  // A request that failed because the engine was away is repeated when it is back.
  const isConnected = connection.value !== 'lost'

  useEffect(() => {
    tasks.current = new LatestTask()
    return () => tasks.current?.end()
  }, [])

  useEffect(() => {
    if (key === undefined) return
    const isOtherMoment = shownAt.current !== at.peek()
    shownAt.current = at.peek()
    tasks.current?.start(async stop => {
      result.value = { ...result.peek(), isLoading: true }
      try {
        const data = await load(stop)
        if (!stop.aborted) result.value = { data, error: undefined, isLoading: false }
      } catch (error) {
        if (stop.aborted) return
        const failure = error instanceof ApiError ? error : new ApiError(String(error), 'INTERNAL')
        result.value = { data: result.peek().data, error: failure, isLoading: false }
      }
    }, isOtherMoment)
  }, [key, isConnected])

  return result
}

/**
 * The data of a query.
 *
 * @param variables undefined to send nothing yet
 * @param version changes when the present may have changed
 */
export const useQuery = <Data, Variables extends object>(
  operation: Operation<Data, Variables>,
  variables: Variables | undefined,
  version = '',
): ReadonlySignal<QueryResult<Data>> =>
  useLoad(variables && `${JSON.stringify(variables)} ${version}`, stop =>
    request(operation, variables as Variables, stop),
  )
