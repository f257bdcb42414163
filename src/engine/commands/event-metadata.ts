import { randomUUID } from 'node:crypto'
import { inCanonicalOrder } from '../../../schemas/canonical-json.ts'
import { AGENT } from '../../../schemas/events/agent.ts'
import type { DomainEvent, EventType } from '../../../schemas/events/events.ts'
import type { EventMetadata } from '../../../schemas/events/recorded-event.ts'
import { schemaVersion } from '../../../schemas/events/upcast.ts'
import type { EventToAppend } from '../../event-store/event-store.ts'
import { markAsMade } from '../read-models/decode-event.ts'
import type { Caller, CommandOptions } from './types.ts'

interface Origin extends CommandOptions {
  readonly commandHash?: string | undefined
  readonly causationId?: string
  readonly traceparent?: string | undefined
}

/** In the key order of canonical JSON, so that the writer need not sort. */
export const metadataOf = (
  type: EventType,
  { caller: { actor, clientAddress, correlationId, via }, causationId, commandHash, commandId, traceparent }: Origin,
): EventMetadata => {
  const metadata: Partial<EventMetadata> = { actor }
  if (causationId !== undefined) metadata.causationId = causationId
  if (clientAddress !== undefined) metadata.clientAddress = clientAddress
  if (commandHash !== undefined) metadata.commandHash = commandHash
  if (commandId !== undefined) metadata.commandId = commandId
  metadata.correlationId = correlationId
  metadata.schemaVersion = schemaVersion(type)
  if (traceparent !== undefined) metadata.traceparent = traceparent
  metadata.via = via
  return metadata as EventMetadata
}

export const systemCaller = (): Caller => ({ actor: AGENT, via: 'agent', correlationId: randomUUID() })

/** In the order of canonical JSON too, or the hash chain would store a copy, which is not marked. */
export const newEvent = ({ type, data: given }: DomainEvent, origin: Origin): EventToAppend => {
  const data = inCanonicalOrder(given)
  markAsMade(data)
  return { data, id: randomUUID(), metadata: metadataOf(type, origin), type }
}
