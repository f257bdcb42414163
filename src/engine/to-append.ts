import { randomUUID } from 'node:crypto'
import type { DomainEvent, EventType } from '../../schemas/events.ts'
import type { EventMetadata } from '../../schemas/recorded-event.ts'
import { schemaVersion } from '../../schemas/upcast.ts'
import type { EventToAppend } from '../store/event-store.ts'
import type { Caller, CommandOptions } from './engine.ts'

/** On whose behalf an event comes to be. */
export const metadataOf = (type: EventType, { caller, commandId }: CommandOptions): EventMetadata => ({
  schemaVersion: schemaVersion(type),
  actor: caller.actor,
  via: caller.via,
  ...(caller.clientAddress !== undefined && { clientAddress: caller.clientAddress }),
  correlationId: caller.correlationId,
  ...(commandId !== undefined && { commandId }),
})

/** What drives routers asks for itself. */
export const agentCaller = (): Caller => ({ actor: 'agent', via: 'agent', correlationId: randomUUID() })

/** A decided event as a store takes it. */
export const toAppend = ({ type, data }: DomainEvent, options: CommandOptions): EventToAppend => ({
  id: randomUUID(),
  type,
  data,
  metadata: metadataOf(type, options),
})
