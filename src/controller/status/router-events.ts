import type { ConnectorRow } from '../../../projections/connector-status.ts'
import type { ConnectorCandidate, ListenerRow } from '../../../projections/listener-status.ts'
import type { RouterEvent } from '../../../schemas/events/events.ts'
import type { NetworkEndpoint } from '../../router/vanflow/network-view.ts'
import { resourceName } from '../entities/managed-entity.ts'
import { isChanged, type ListenerReport } from './listener-report.ts'

/** Routers are terse; what says more than this is cut, so that no event outgrows an append. */
const LONGEST_MESSAGE = 1000

const LISTENER_EVENTS = {
  accepted: 'ListenerAccepted',
  refused: 'ListenerRefused',
  opened: 'ListenerOpened',
  failed: 'ListenerFailedToOpen',
  drifted: 'ListenerDrifted',
  unfit: 'ListenerCredentialsUnfit',
} as const

export const truncate = (message: string): string =>
  message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message

export const isConfigured = (word: ListenerRow['router'], generation: number): boolean =>
  word?.generation === generation && (word.said === 'accepted' || word.said === 'opened')

/** Whether the log says that its socket is open for a connector that is there. */
export const isShownOpen = ({ router, generation, hasMatchingConnector }: ListenerRow): boolean =>
  hasMatchingConnector && router?.said === 'opened' && router.generation === generation

export const subjectOf = ({ namespace, name, uid, generation }: ListenerRow | ConnectorRow) => ({
  namespace,
  name,
  uid,
  generation,
})

export const listenerEvent = (row: ListenerRow, word: ListenerReport): RouterEvent | undefined => {
  const message = truncate(word.message)
  if (!isChanged({ ...word, message }, row)) return undefined
  const isOk = word.said === 'accepted' || word.said === 'opened'
  return { type: LISTENER_EVENTS[word.said], data: { ...subjectOf(row), ...(!isOk && { message }) } } as RouterEvent
}

export const seenOf = ({ routingKey, site, name, host, port }: NetworkEndpoint) => ({
  routingKey,
  ...(site !== undefined && { site }),
  ...(name !== undefined && { name: resourceName(name) }),
  ...(host !== undefined && { host }),
  ...(port !== undefined && { port }),
})

/** What VanFlow does not tell yet, of a site say, takes nothing back that it told before. */
export const isAsSeen = (before: ConnectorCandidate, endpoint: NetworkEndpoint): boolean =>
  Object.entries(seenOf(endpoint)).every(([name, value]) => before[name as keyof ConnectorCandidate] === value)
