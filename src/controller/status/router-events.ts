import type { ConnectorRow } from '../../../projections/connector-status.ts'
import type { ConnectorCandidate, ListenerRow } from '../../../projections/listener-status.ts'
import type { RouterEvent } from '../../../schemas/events/events.ts'
import type { NetworkEndpoint } from '../../router/vanflow/network-view.ts'
import { resourceName } from '../entities/managed-entity.ts'
import { isChanged, type ListenerReport } from './listener-report.ts'

/** Bounds the size of events below that of an append. */
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

export const isConfigured = (report: ListenerRow['router'], generation: number): boolean =>
  report?.generation === generation && (report.state === 'accepted' || report.state === 'opened')

export const isShownOpen = ({ router, generation, hasMatchingConnector }: ListenerRow): boolean =>
  hasMatchingConnector && router?.state === 'opened' && router.generation === generation

export const subjectOf = ({ namespace, name, uid, generation }: ListenerRow | ConnectorRow) => ({
  namespace,
  name,
  uid,
  generation,
})

export const listenerEvent = (row: ListenerRow, report: ListenerReport): RouterEvent | undefined => {
  const message = truncate(report.message)
  if (!isChanged({ ...report, message }, row)) return undefined
  const isOk = report.state === 'accepted' || report.state === 'opened'
  return { type: LISTENER_EVENTS[report.state], data: { ...subjectOf(row), ...(!isOk && { message }) } } as RouterEvent
}

export const seenOf = ({ routingKey, site, name, host, port }: NetworkEndpoint) => ({
  routingKey,
  ...(site !== undefined && { site }),
  ...(name !== undefined && { name: resourceName(name) }),
  ...(host !== undefined && { host }),
  ...(port !== undefined && { port }),
})

/** Attributes that VanFlow has not sent yet do not count as changed. */
export const matchesReported = (before: ConnectorCandidate, endpoint: NetworkEndpoint): boolean =>
  Object.entries(seenOf(endpoint)).every(([name, value]) => before[name as keyof ConnectorCandidate] === value)
