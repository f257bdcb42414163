import { routerEntities } from '../../../schemas/router-entities.ts'
import type { Entity } from '../../router/amqp/management.ts'
import type { ManagedEntity, ManagedType } from '../site-state.ts'

export const managementType = (type: string): string => `io.skupper.router.${type}`

export const ATTRIBUTES: Readonly<Record<ManagedType, readonly string[]>> = {
  sslProfile: Object.keys(routerEntities.sslProfile.shape),
  tcpListener: [...Object.keys(routerEntities.tcpListener.shape), 'authenticatePeer', 'operStatus', 'connectionMsg'],
  tcpConnector: Object.keys(routerEntities.tcpConnector.shape),
}

const DEFAULTS: Readonly<Record<string, unknown>> = {
  host: '0.0.0.0',
  observer: 'auto',
  verifyHostname: true,
  authenticatePeer: false,
}

const REPORTED = new Set(['operStatus', 'connectionMsg'])
const COMPARED: Readonly<Record<ManagedType, readonly string[]>> = {
  sslProfile: ATTRIBUTES.sslProfile,
  tcpListener: ATTRIBUTES.tcpListener.filter(name => !REPORTED.has(name)),
  tcpConnector: ATTRIBUTES.tcpConnector,
}

const NAME_PREFIXES: Readonly<Record<Exclude<ManagedType, 'sslProfile'>, string>> = {
  tcpListener: 'listener/',
  tcpConnector: 'connector/',
}

/** Profiles have no common prefix. */
export const isOwnName = (type: ManagedType, name: string): boolean =>
  type !== 'sslProfile' && name.startsWith(NAME_PREFIXES[type])

export const listenerEntityName = (listener: string): string => NAME_PREFIXES.tcpListener + listener
export const connectorEntityName = (connector: string): string => NAME_PREFIXES.tcpConnector + connector

export const resourceName = (entityName: string): string => entityName.replace(/^(listener|connector)\//, '')

const normalize = (attribute: string, value: unknown): unknown => {
  const given = value === undefined || value === null || value === '' ? DEFAULTS[attribute] : value
  return typeof given === 'number' ? String(given) : given
}

/** Notation and defaults make no difference. */
export const diffAttributes = (desired: ManagedEntity, held: Entity): string[] => {
  const desiredAttributes = desired.attributes as Entity
  return COMPARED[desired.type].filter(name => normalize(name, desiredAttributes[name]) !== normalize(name, held[name]))
}

export const driftMessage = (desired: ManagedEntity, held: Entity | undefined): string => {
  const what = `${desired.type} ${desired.name}`
  if (held === undefined) return `The router no longer has ${what}`
  const desiredAttributes = desired.attributes as Entity
  const changes = diffAttributes(desired, held).map(
    name => `${name} is ${held[name] ?? 'not set'}, not ${desiredAttributes[name] ?? DEFAULTS[name] ?? 'unset'}`,
  )
  return `The router's ${what} was changed: ${changes.join(', ')}`
}
