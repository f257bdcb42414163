import { MANAGED_TYPES, type ManagedType } from '../../../schemas/router-entities.ts'
import { type Entity, RouterRefusal } from '../../router/amqp/management.ts'
import { ATTRIBUTES, diffAttributes, type ManagedEntity, REPORTED_ATTRIBUTES } from './managed-entity.ts'

export interface EntityRecord {
  readonly type: ManagedType
  readonly name: string
  held: Entity | undefined
  /** `of` is undefined for a refused deletion. */
  refusal: { readonly message: string; readonly of: ManagedEntity | undefined } | undefined
  isBusy: boolean
  isQueued: boolean
  /** Whether to send it although it is in sync or was refused. */
  force: boolean
  isRequeued: boolean
  sequence: number
  isStale: boolean
  triedAt: number
  observedAt: number
  /** Created on its predecessor's socket, which the router may still hold. */
  reusesSocket: boolean
}

export interface EntityState {
  readonly inSync: boolean
  readonly refusal?: string
  /** `stale`: not observed since a possible change. */
  readonly socket: 'open' | 'failed' | 'closed' | 'stale'
  readonly message?: string
}

const NOT_FOUND = 404

export const newRecord = (type: ManagedType, name: string): EntityRecord => ({
  type,
  name,
  held: undefined,
  refusal: undefined,
  isBusy: false,
  isQueued: false,
  force: false,
  isRequeued: false,
  sequence: 0,
  isStale: false,
  triedAt: 0,
  observedAt: 0,
  reusesSocket: false,
})

export const withReported = (held: Entity, reported: Entity): Entity => {
  if (REPORTED_ATTRIBUTES.every(name => held[name] === reported[name])) return held
  const { operStatus: _, connectionMsg: __, ...rest } = held
  return { ...rest, ...reported }
}

export const isUnchanged = (type: ManagedType, before: Entity | undefined, held: Entity | undefined): boolean =>
  before !== undefined &&
  held !== undefined &&
  (before === held || ATTRIBUTES[type].every(name => before[name] === held[name]))

export const isInSync = (held: Entity | undefined, desired: ManagedEntity | undefined): boolean =>
  held !== undefined && desired !== undefined && diffAttributes(desired, held).length === 0

/** Whether it is as observed since this sequence, with nothing to follow. */
export const isSettled = (
  { isBusy, isStale, isQueued, force, reusesSocket, sequence }: EntityRecord,
  observed: number,
): boolean => !(isBusy || isStale || isQueued || force || reusesSocket) && sequence <= observed

export const socketOf = ({ held, isStale }: EntityRecord): Pick<EntityState, 'socket' | 'message'> => {
  if (isStale) return { socket: 'stale' }
  if (held?.operStatus === 'up') return { socket: 'open' }
  const message = held?.connectionMsg
  return typeof message === 'string' && message !== '' ? { socket: 'failed', message } : { socket: 'closed' }
}

export const isFailed = (record: EntityRecord): boolean =>
  record.refusal !== undefined || (Boolean(record.held?.connectionMsg) && socketOf(record).socket === 'failed')

export const stateOf = (record: EntityRecord | undefined, desired: ManagedEntity | undefined): EntityState => {
  const inSync = isInSync(record?.held, desired)
  return {
    inSync,
    ...(record?.refusal !== undefined && !inSync && { refusal: record.refusal.message }),
    ...(record === undefined ? { socket: 'closed' as const } : socketOf(record)),
  }
}

export const needsWork = ({ held, refusal }: EntityRecord, desired: ManagedEntity | undefined): boolean => {
  if (desired === undefined) return held !== undefined
  if (isInSync(held, desired)) return false
  return refusal?.of === undefined || diffAttributes(desired, refusal.of.attributes as Entity).length > 0
}

/** Without a request or after a successful DELETE, its response is undefined. */
export const applyResponses = (
  record: EntityRecord,
  desired: ManagedEntity | undefined,
  deletion: RouterRefusal | undefined,
  creation: Entity | RouterRefusal | undefined,
): void => {
  const before = record.held
  if (before !== undefined && (deletion === undefined || deletion.statusCode === NOT_FOUND)) record.held = undefined
  const notDeleted = record.held && deletion
  if (creation === undefined) {
    record.refusal = notDeleted && { message: notDeleted.message, of: desired }
  } else if (creation instanceof RouterRefusal) {
    record.refusal = { message: (notDeleted ?? creation).message, of: desired }
  } else {
    record.held = creation
    record.refusal = undefined
    record.isStale = false
    record.reusesSocket = before?.operStatus === 'up' && before.host === creation.host && before.port === creation.port
  }
}

export const inCreationOrder = <T extends { readonly type: ManagedType }>(entities: readonly T[]): readonly T[] =>
  entities.length < 2
    ? entities
    : entities.toSorted((a, b) => MANAGED_TYPES.indexOf(a.type) - MANAGED_TYPES.indexOf(b.type))
