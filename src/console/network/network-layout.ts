import type { LaneStatus } from '../lanes/lane.ts'

export interface Endpoint {
  readonly namespace: string
  readonly name: string
  readonly routingKey: string
  readonly port: number
  readonly status: LaneStatus
}

export interface Group {
  readonly namespace: string
  readonly top: number
  readonly endpoints: readonly Endpoint[]
  readonly isOpen: boolean
  readonly height: number
}

export interface Tie {
  readonly fromY: number
  readonly toY: number
  readonly count: number
  readonly status: LaneStatus
  readonly fromNamespace: string
  readonly toNamespace: string
  readonly routingKey: string | undefined
}

interface NetworkLayout {
  readonly listeners: readonly Group[]
  readonly connectors: readonly Group[]
  readonly ties: readonly Tie[]
  readonly height: number
}

export const HEAD_PX = 36
export const ROW_PX = 28
const GAP_PX = 12
const OPEN_ROWS = 80

const WORST: readonly LaneStatus[] = ['Ready', 'NotObserved', 'Unknown', 'Pending', 'Error']

const worst = (one: LaneStatus, other: LaneStatus): LaneStatus =>
  WORST.indexOf(one) >= WORST.indexOf(other) ? one : other

const searchEndpoints = (endpoints: readonly Endpoint[], search: string): readonly Endpoint[] => {
  const text = search.trim().toLowerCase()
  if (text === '') return endpoints
  return endpoints.filter(({ namespace, name, routingKey }) =>
    [namespace, name, routingKey].some(each => each.toLowerCase().includes(text)),
  )
}

export const searchNetwork = (
  listeners: readonly Endpoint[],
  connectors: readonly Endpoint[],
  search: string,
): { readonly listeners: readonly Endpoint[]; readonly connectors: readonly Endpoint[] } => {
  const found = [...searchEndpoints(listeners, search), ...searchEndpoints(connectors, search)]
  const keys = new Set(found.map(({ routingKey }) => routingKey))
  const isTied = ({ routingKey }: Endpoint): boolean => keys.has(routingKey)
  return { listeners: listeners.filter(isTied), connectors: connectors.filter(isTied) }
}

const groupsOf = (
  endpoints: readonly Endpoint[],
  namespaces: readonly string[],
  isOpen: (namespace: string) => boolean,
): readonly Group[] => {
  const byNamespace = Map.groupBy(endpoints, ({ namespace }) => namespace)
  let top = 0
  return [...new Set([...namespaces, ...byNamespace.keys()])].sort().flatMap(namespace => {
    const own = byNamespace.get(namespace) ?? []
    const open = isOpen(namespace)
    const height = HEAD_PX + (open ? own.length * ROW_PX : 0)
    const group = { namespace, top, endpoints: own, isOpen: open, height }
    top += height + GAP_PX
    return [group]
  })
}

interface Anchor {
  readonly y: number
  readonly endpoint: Endpoint
  readonly isOpen: boolean
}

const anchorsOf = (groups: readonly Group[]): readonly Anchor[] =>
  groups.flatMap(({ top, endpoints, isOpen }) =>
    endpoints.map((endpoint, index) => ({
      y: isOpen ? top + HEAD_PX + index * ROW_PX + ROW_PX / 2 : top + HEAD_PX / 2,
      endpoint,
      isOpen,
    })),
  )

const tiesOf = (listeners: readonly Group[], connectors: readonly Group[]): readonly Tie[] => {
  const connectorsByKey = Map.groupBy(anchorsOf(connectors), ({ endpoint }) => endpoint.routingKey)
  const ties = new Map<string, Tie>()
  for (const from of anchorsOf(listeners))
    for (const to of connectorsByKey.get(from.endpoint.routingKey) ?? []) {
      const key = `${from.y} ${to.y}`
      const known = ties.get(key)
      const { routingKey, status, namespace } = from.endpoint
      ties.set(key, {
        fromY: from.y,
        toY: to.y,
        count: (known?.count ?? 0) + 1,
        status: known === undefined ? status : worst(known.status, status),
        fromNamespace: namespace,
        toNamespace: to.endpoint.namespace,
        routingKey: known === undefined || known.routingKey === routingKey ? routingKey : undefined,
      })
    }
  return [...ties.values()]
}

const heightOf = (groups: readonly Group[]): number => {
  const last = groups.at(-1)
  return last === undefined ? 0 : last.top + last.height
}

/**
 * Sites with their listeners on one side, sites with their connectors on the other, and ties between them.
 *
 * @param sites namespaces that are shown even without listeners
 * @param toggled namespaces that are opened where they would be closed, and the other way round
 */
export const layoutNetwork = (
  listeners: readonly Endpoint[],
  connectors: readonly Endpoint[],
  sites: readonly string[],
  toggled: ReadonlySet<string>,
): NetworkLayout => {
  const isOpenByDefault = Math.max(listeners.length, connectors.length) <= OPEN_ROWS
  const isOpen = (namespace: string): boolean => toggled.has(namespace) !== isOpenByDefault
  const left = groupsOf(listeners, sites, isOpen)
  const right = groupsOf(connectors, [], isOpen)
  return {
    listeners: left,
    connectors: right,
    ties: tiesOf(left, right),
    height: Math.max(heightOf(left), heightOf(right)),
  }
}
