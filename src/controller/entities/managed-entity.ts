import { routerEntities } from '../../../schemas/router-entities.ts'
import type { Entity } from '../../router/amqp/management.ts'
import type { DrivenEntity, DrivenType } from '../site-state.ts'

/** The name that management knows a type by. */
export const managementType = (type: string): string => `io.skupper.router.${type}`

/** What is asked of entities: what Hark sets, and what the router says of how they do. */
export const ATTRIBUTES: Readonly<Record<DrivenType, readonly string[]>> = {
  sslProfile: Object.keys(routerEntities.sslProfile.shape),
  tcpListener: [...Object.keys(routerEntities.tcpListener.shape), 'authenticatePeer', 'operStatus', 'connectionMsg'],
  tcpConnector: Object.keys(routerEntities.tcpConnector.shape),
}

/** What the router holds where an attribute was not given. Nothing is a default of its own. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  host: '0.0.0.0',
  observer: 'auto',
  verifyHostname: true,
  authenticatePeer: false,
}

const REPORTED = new Set(['operStatus', 'connectionMsg'])
const COMPARED: Readonly<Record<DrivenType, readonly string[]>> = {
  sslProfile: ATTRIBUTES.sslProfile,
  tcpListener: ATTRIBUTES.tcpListener.filter(name => !REPORTED.has(name)),
  tcpConnector: ATTRIBUTES.tcpConnector,
}

const NAME_PREFIXES: Readonly<Record<Exclude<DrivenType, 'sslProfile'>, string>> = {
  tcpListener: 'listener/',
  tcpConnector: 'connector/',
}

/** Whether an entity bears a name as Hark gives them. Profiles have no such name: others' look just the same. */
export const isOwnName = (type: DrivenType, name: string): boolean =>
  type !== 'sslProfile' && name.startsWith(NAME_PREFIXES[type])

export const listenerEntityName = (listener: string): string => NAME_PREFIXES.tcpListener + listener
export const connectorEntityName = (connector: string): string => NAME_PREFIXES.tcpConnector + connector

/** The listener or connector that an entity, or what VanFlow tells of it, is named after. */
export const resourceName = (entityName: string): string => entityName.replace(/^(listener|connector)\//, '')

const normalize = (attribute: string, value: unknown): unknown => {
  const given = value === undefined || value === null || value === '' ? DEFAULTS[attribute] : value
  return typeof given === 'number' ? String(given) : given
}

/** The attributes in which what the router holds differs in meaning from what it is to hold. */
export const diffAttributes = (desired: DrivenEntity, held: Entity): string[] => {
  const desiredAttributes = desired.attributes as Entity
  return COMPARED[desired.type].filter(name => normalize(name, desiredAttributes[name]) !== normalize(name, held[name]))
}

/** What a person is told of an entity that is not what it was. */
export const driftMessage = (desired: DrivenEntity, held: Entity | undefined): string => {
  const what = `${desired.type} ${desired.name}`
  if (held === undefined) return `The router no longer has ${what}`
  const desiredAttributes = desired.attributes as Entity
  const changes = diffAttributes(desired, held).map(
    name => `${name} is ${held[name] ?? 'not set'}, not ${desiredAttributes[name] ?? DEFAULTS[name] ?? 'unset'}`,
  )
  return `The router's ${what} was changed: ${changes.join(', ')}`
}
