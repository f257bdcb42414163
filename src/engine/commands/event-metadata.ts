import { randomUUID } from 'node:crypto'
import type { DomainEvent, EventType } from '../../../schemas/events/events.ts'
import type { EventMetadata } from '../../../schemas/events/recorded-event.ts'
import { schemaVersion } from '../../../schemas/events/upcast.ts'
import type { EventToAppend } from '../../event-store/event-store.ts'
import type { Caller, CommandOptions } from './types.ts'

/** On whose behalf an event comes to be, and of which other event it comes. */
interface Origin extends CommandOptions {
  /** Of the command, where it has an id. */
  readonly commandHash?: string | undefined
  readonly causationId?: string
}

/** In the order of canonical JSON, which spares whoever writes it the sorting. */
export const metadataOf = (
  type: EventType,
  { caller, causationId, commandHash, commandId }: Origin,
): EventMetadata => ({
  actor: caller.actor,
  ...(causationId !== undefined && { causationId }),
  ...(caller.clientAddress !== undefined && { clientAddress: caller.clientAddress }),
  ...(commandHash !== undefined && { commandHash }),
  ...(commandId !== undefined && { commandId }),
  correlationId: caller.correlationId,
  schemaVersion: schemaVersion(type),
  via: caller.via,
})

/** What drives routers asks for itself. */
export const systemCaller = (): Caller => ({ actor: 'agent', via: 'agent', correlationId: randomUUID() })

/** A decided event as a store takes it. */
export const newEvent = ({ type, data }: DomainEvent, origin: Origin): EventToAppend => ({
  id: randomUUID(),
  type,
  data,
  metadata: metadataOf(type, origin),
})
