import type { DomainEvent } from '../../../schemas/events/events.ts'
import { BACKEND, type Subject } from '../domain/event-builders.ts'

const west = { namespace: 'west' }

export const routerAttached = (site: Subject = {}) =>
  ({ type: 'RouterAttached', data: { ...west, ...site, url: 'amqp://router:5672' } }) satisfies DomainEvent

export const routerConnected = (site: Subject = {}) =>
  ({ type: 'RouterConnected', data: { ...west, ...site, id: 'router-1' } }) satisfies DomainEvent

export const routerLost = (reason = 'connection refused', site: Subject = {}) =>
  ({ type: 'RouterLost', data: { ...west, ...site, reason } }) satisfies DomainEvent

export const routerUnobserved = (since: string, site: Subject = {}) =>
  ({ type: 'RouterUnobserved', data: { ...west, ...site, since } }) satisfies DomainEvent

export const routerDetached = (site: Subject = {}) =>
  ({ type: 'RouterDetached', data: { ...west, ...site } }) satisfies DomainEvent

export const certificatesConfigured = (folder: string, site: Subject = {}) =>
  ({ type: 'RouterCertificatesConfigured', data: { ...west, ...site, folder } }) satisfies DomainEvent

export const listenerAccepted = (generation = 1, subject: Subject = {}) =>
  ({ type: 'ListenerAccepted', data: { ...BACKEND, ...subject, generation } }) satisfies DomainEvent

export const listenerRefused = (message: string, generation = 1, subject: Subject = {}) =>
  ({ type: 'ListenerRefused', data: { ...BACKEND, ...subject, generation, message } }) satisfies DomainEvent

export const listenerOpened = (generation = 1, subject: Subject = {}) =>
  ({ type: 'ListenerOpened', data: { ...BACKEND, ...subject, generation } }) satisfies DomainEvent

export const listenerFailedToOpen = (message: string, generation = 1, subject: Subject = {}) =>
  ({ type: 'ListenerFailedToOpen', data: { ...BACKEND, ...subject, generation, message } }) satisfies DomainEvent

export const listenerReached = (generation = 1, subject: Subject = {}) =>
  ({ type: 'ListenerReached', data: { ...BACKEND, ...subject, generation } }) satisfies DomainEvent

export const listenerNotReached = (message: string, generation = 1, subject: Subject = {}) =>
  ({ type: 'ListenerNotReached', data: { ...BACKEND, ...subject, generation, message } }) satisfies DomainEvent

export const listenerProbeInconclusive = (message: string, generation = 1, subject: Subject = {}) =>
  ({ type: 'ListenerProbeInconclusive', data: { ...BACKEND, ...subject, generation, message } }) satisfies DomainEvent

export const connectorAccepted = (generation = 1, subject: Subject = {}) =>
  ({ type: 'ConnectorAccepted', data: { ...BACKEND, ...subject, generation } }) satisfies DomainEvent

export const connectorRefused = (message: string, generation = 1, subject: Subject = {}) =>
  ({ type: 'ConnectorRefused', data: { ...BACKEND, ...subject, generation, message } }) satisfies DomainEvent

interface SeenConnector {
  readonly routingKey?: string
  readonly namespace?: string
  readonly site?: string
  readonly name?: string
  readonly host?: string
  readonly port?: string
}

export const connectorSeen = (identity: string, seen: SeenConnector = {}) =>
  ({ type: 'ConnectorSeen', data: { ...west, routingKey: 'backend', ...seen, identity } }) satisfies DomainEvent

export const connectorGone = (identity: string, site: Subject = {}) =>
  ({ type: 'ConnectorGone', data: { ...west, ...site, identity } }) satisfies DomainEvent

export const listenerSeen = (identity: string, seen: { routingKey?: string; namespace?: string } = {}) =>
  ({ type: 'ListenerSeen', data: { ...west, routingKey: 'backend', ...seen, identity } }) satisfies DomainEvent

export const listenerGone = (identity: string, site: Subject = {}) =>
  ({ type: 'ListenerGone', data: { ...west, ...site, identity } }) satisfies DomainEvent
