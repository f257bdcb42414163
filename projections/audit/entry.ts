import { AUDITED_KINDS } from '../../schemas/audit-vocabulary.ts'
import type { Position, RecordedEvent, Via } from '../../schemas/events/recorded-event.ts'
import { upcastEvent } from '../../schemas/events/upcast.ts'
import { type AuditDescription, DESCRIPTIONS, spaced } from './describe-event.ts'
import type { FieldChange } from './field-changes.ts'

/** An event as an auditor reads it: who did what, to what, from where, and what it changed. */
export interface AuditEntry extends AuditDescription {
  readonly position: Position
  readonly time: string
  readonly eventId: string
  /** Of the event. */
  readonly type: string
  readonly actor: string
  readonly via?: Via | undefined
  readonly clientAddress?: string | undefined
  readonly correlationId: string
  readonly causationId?: string | undefined
  readonly commandId?: string | undefined
  readonly changes: readonly FieldChange[]
}

/** How Hark keeps its own books: nobody is asked to answer for these. */
const BOOKKEEPING: readonly string[] = [
  'EndpointReserved',
  'LeaseTaken',
  'LeaseAsked',
  'LeaseRenewed',
  'LeaseReleased',
  'CheckpointSigned',
]

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** An auditor is not to miss what a newer Hark wrote: it is told by its type and whom it is about. */
const describeUnknown = ({ stream, type, data }: RecordedEvent): AuditDescription => {
  const { namespace, name } = (data ?? {}) as { readonly namespace?: unknown; readonly name?: unknown }
  const begin = stream.slice(0, stream.indexOf('-'))
  return {
    action: 'other',
    result: 'Observed',
    words: spaced(type),
    resource: {
      kind: AUDITED_KINDS.find(kind => kind.toLowerCase() === begin) ?? 'Hark',
      namespace: textOf(namespace),
      name: textOf(name),
    },
  }
}

/** One event whose data is damaged is not to keep all others from whoever audits; `hark verify` says what is wrong with it. */
const storyOf = (event: RecordedEvent): AuditDescription => {
  try {
    const known = upcastEvent(event)
    const story = known && (DESCRIPTIONS[known.type] as ((data: unknown) => AuditDescription) | undefined)
    return story?.(known?.data) ?? describeUnknown(event)
  } catch {
    return describeUnknown(event)
  }
}

/** Undefined for an event that an auditor is not told of. */
export const auditEntry = (event: RecordedEvent): AuditEntry | undefined => {
  if (BOOKKEEPING.includes(event.type)) return undefined
  const { actor, via, clientAddress, correlationId, causationId, commandId } = event.metadata
  const { position, time, id: eventId, type } = event
  const from = { actor, via, clientAddress, correlationId, causationId, commandId }
  return { position, time, eventId, type, ...from, changes: [], ...storyOf(event) }
}
