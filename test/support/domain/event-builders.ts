import type { DomainEvent } from '../../../schemas/events/events.ts'
import type { ConnectorSpec } from '../../../schemas/resources/connector.ts'
import type { ListenerSpec } from '../../../schemas/resources/listener.ts'
import type { SiteSpec } from '../../../schemas/resources/site.ts'
import { connectorSpec, listenerSpec } from './specs.ts'

/** The subject of an event; by default `backend` in namespace `west`. */
export interface Subject {
  readonly namespace?: string
  readonly name?: string
  readonly uid?: string
}

export const BACKEND = { namespace: 'west', name: 'backend', uid: 'uid-1' }

export const listenerCreated = (spec: Partial<ListenerSpec> = {}, subject: Subject = {}) =>
  ({ type: 'ListenerCreated', data: { ...BACKEND, ...subject, spec: listenerSpec(spec) } }) satisfies DomainEvent

export const routingKeyUpdated = (generation: number, previous: string, routingKey: string, subject: Subject = {}) =>
  ({
    type: 'RoutingKeyUpdated',
    data: { ...BACKEND, ...subject, generation, routingKey, previous },
  }) satisfies DomainEvent

export const hostUpdated = (generation: number, previous: string, host: string, subject: Subject = {}) =>
  ({ type: 'HostUpdated', data: { ...BACKEND, ...subject, generation, host, previous } }) satisfies DomainEvent

export const portUpdated = (generation: number, previous: number, port: number, subject: Subject = {}) =>
  ({ type: 'PortUpdated', data: { ...BACKEND, ...subject, generation, port, previous } }) satisfies DomainEvent

export const listenerDeleted = (subject: Subject = {}) =>
  ({ type: 'ListenerDeleted', data: { ...BACKEND, ...subject } }) satisfies DomainEvent

export const connectorCreated = (spec: Partial<ConnectorSpec> = {}, subject: Subject = {}) =>
  ({ type: 'ConnectorCreated', data: { ...BACKEND, ...subject, spec: connectorSpec(spec) } }) satisfies DomainEvent

export const connectorUpdated = (
  generation: number,
  previous: ConnectorSpec,
  spec: ConnectorSpec,
  subject: Subject = {},
) => ({ type: 'ConnectorUpdated', data: { ...BACKEND, ...subject, generation, spec, previous } }) satisfies DomainEvent

export const connectorDeleted = (subject: Subject = {}) =>
  ({ type: 'ConnectorDeleted', data: { ...BACKEND, ...subject } }) satisfies DomainEvent

export const siteCreated = (spec: SiteSpec = {}, subject: Subject = {}) =>
  ({
    type: 'SiteCreated',
    data: { ...BACKEND, name: 'west-site', uid: 'site-uid', ...subject, spec },
  }) satisfies DomainEvent

export const siteUpdated = (generation: number, previous: SiteSpec, spec: SiteSpec, subject: Subject = {}) =>
  ({
    type: 'SiteUpdated',
    data: { ...BACKEND, name: 'west-site', uid: 'site-uid', ...subject, generation, spec, previous },
  }) satisfies DomainEvent

export const siteRenamed = (previous: string, name: string, subject: Subject = {}) =>
  ({
    type: 'SiteRenamed',
    data: { ...BACKEND, uid: 'site-uid', ...subject, name, previous },
  }) satisfies DomainEvent

export const siteDeleted = (subject: Subject = {}) =>
  ({
    type: 'SiteDeleted',
    data: { ...BACKEND, name: 'west-site', uid: 'site-uid', ...subject },
  }) satisfies DomainEvent
