import type { LaneStatus } from '../lanes/lane.ts'
import type { PageKind } from '../routes/route.ts'

export interface Endpoint {
  readonly kind: PageKind
  readonly namespace: string
  readonly name: string
  readonly routingKeys: readonly string[]
  readonly keyWords: string
  readonly port: number
  readonly status: LaneStatus
}

export interface NetworkEndpoints {
  readonly listeners: readonly Endpoint[]
  readonly connectors: readonly Endpoint[]
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

/** The name of the site of a namespace. */
export type SiteNames = ReadonlyMap<string, string>

interface NetworkFound extends NetworkEndpoints {
  /** Namespaces of sites that are found by their names, with or without listeners. */
  readonly sites: readonly string[]
}

export const searchNetwork = (
  listeners: readonly Endpoint[],
  connectors: readonly Endpoint[],
  siteNames: SiteNames,
  search: string,
): NetworkFound => {
  const text = search.trim().toLowerCase()
  if (text === '') return { listeners, connectors, sites: [...siteNames.keys()] }
  const matches = (each: string): boolean => each.toLowerCase().includes(text)
  const sites = [...siteNames].filter(names => names.some(matches)).map(([namespace]) => namespace)
  const found = new Set(sites)
  /** All if it is found by its name or site, else those that match. */
  const keysFound = ({ namespace, name, routingKeys }: Endpoint): readonly string[] =>
    found.has(namespace) || matches(name) || matches(namespace) ? routingKeys : routingKeys.filter(matches)
  const keys = new Set([...listeners, ...connectors].flatMap(keysFound))
  const isTied = ({ routingKeys }: Endpoint): boolean => routingKeys.some(key => keys.has(key))
  return { listeners: listeners.filter(isTied), connectors: connectors.filter(isTied), sites }
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

const withTie = (known: Tie | undefined, from: Anchor, to: Anchor, routingKey: string): Tie => {
  const { status, namespace } = from.endpoint
  return {
    fromY: from.y,
    toY: to.y,
    count: (known?.count ?? 0) + 1,
    status: known === undefined ? status : worst(known.status, status),
    fromNamespace: namespace,
    toNamespace: to.endpoint.namespace,
    routingKey: known === undefined || known.routingKey === routingKey ? routingKey : undefined,
  }
}

const tiesOf = (listeners: readonly Group[], connectors: readonly Group[]): readonly Tie[] => {
  // A connector has one routing key.
  const connectorsByKey = Map.groupBy(anchorsOf(connectors), ({ endpoint }) => endpoint.routingKeys[0])
  const ties = new Map<string, Tie>()
  for (const from of anchorsOf(listeners))
    for (const routingKey of from.endpoint.routingKeys)
      for (const to of connectorsByKey.get(routingKey) ?? []) {
        const place = `${from.y} ${to.y}`
        ties.set(place, withTie(ties.get(place), from, to, routingKey))
      }
  return [...ties.values()]
}

const heightOf = (groups: readonly Group[]): number => {
  const last = groups.at(-1)
  return last === undefined ? 0 : last.top + last.height
}

/**
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
