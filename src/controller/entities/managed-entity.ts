import { MANAGED_TYPES, type ManagedType, type RouterEntity, routerEntities } from '../../../schemas/router-entities.ts'
import type { Entity } from '../../router/amqp/management.ts'

export type ManagedEntity = RouterEntity<ManagedType>

export const REPORTED_ATTRIBUTES = ['operStatus', 'connectionMsg'] as const

export const managementType = (type: string): string => `io.skupper.router.${type}`

const byType = (attributes: (type: ManagedType) => readonly string[]) =>
  Object.fromEntries(MANAGED_TYPES.map(type => [type, attributes(type)])) as Record<ManagedType, readonly string[]>

const COMPARED = byType(type => Object.keys(routerEntities[type].shape))

export const ATTRIBUTES = byType(type => [...COMPARED[type], ...(type === 'tcpListener' ? REPORTED_ATTRIBUTES : [])])

const DEFAULTS: Readonly<Record<string, unknown>> = {
  host: '0.0.0.0',
  observer: 'auto',
  multiAddressStrategy: 'none',
  verifyHostname: true,
  authenticatePeer: false,
}

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
