import type { Moment } from '../moment.ts'
import { DEFAULT_NAMESPACE } from '../options.ts'
import type { Client } from './client.ts'

const QUERY = `query At($namespace: String!, $at: Moment) {
  routerConfig(namespace: $namespace, at: $at) { position }
}`

/** Whether there is any event at or before a moment: where there is none, that nothing is found says nothing. */
export const hadBegun = async (
  client: Client,
  at: Moment | undefined,
  namespace = DEFAULT_NAMESPACE,
): Promise<boolean> => {
  if (at === undefined) return true
  const { routerConfig } = await client.request<{ routerConfig: { position: string } }>({
    query: QUERY,
    variables: { namespace, at },
  })
  return Number(routerConfig.position) > 0
}

export const NOT_BEGUN = 'that is before the first event: the log of this engine begins later'
