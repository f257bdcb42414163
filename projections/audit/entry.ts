import { AUDITED_KINDS, type AuditResult } from '../../schemas/audit-vocabulary.ts'
import { AGENT } from '../../schemas/events/agent.ts'
import { definitionOf, isEventType } from '../../schemas/events/events.ts'
import type { Position, RecordedEvent, Via } from '../../schemas/events/recorded-event.ts'
import { upcastEvent } from '../../schemas/events/upcast.ts'
import { type AuditDescription, describeEvent, spaced } from './describe-event.ts'
import type { FieldChange } from './field-changes.ts'

export interface AuditEntry extends AuditDescription {
  readonly position: Position
  readonly time: string
  readonly eventId: string
  readonly type: string
  readonly actor: string
  readonly via?: Via | undefined
  readonly clientAddress?: string | undefined
  readonly correlationId: string
  readonly causationId?: string | undefined
  readonly commandId?: string | undefined
  readonly changes: readonly FieldChange[]
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const describeUnknown = ({ stream, type, data }: RecordedEvent): AuditDescription => {
  const { namespace, name } = (data ?? {}) as { readonly namespace?: unknown; readonly name?: unknown }
  const prefix = stream.slice(0, stream.indexOf('-'))
  return {
    action: 'other',
    result: 'Observed',
    words: spaced(type),
    resource: {
      kind: AUDITED_KINDS.find(kind => kind.toLowerCase() === prefix) ?? 'Hark',
      namespace: textOf(namespace),
      name: textOf(name),
    },
  }
}

/** Tolerates corrupted events; `hark verify` reports them. */
const describe = (event: RecordedEvent): AuditDescription => {
  try {
    const upcast = upcastEvent(event)
    return (upcast && describeEvent(upcast)) ?? describeUnknown(event)
  } catch {
    return describeUnknown(event)
  }
}

/** What no client requested was observed. */
const resultOf = (result: AuditResult, actor: string): AuditResult =>
  result === 'Done' && actor === AGENT ? 'Observed' : result

export const auditEntry = (event: RecordedEvent): AuditEntry | undefined => {
  if (isEventType(event.type) && definitionOf(event.type).isBookkeeping) return undefined
  const { actor, via, clientAddress, correlationId, causationId, commandId } = event.metadata
  const { position, time, id: eventId, type } = event
  const from = { actor, via, clientAddress, correlationId, causationId, commandId }
  const description = describe(event)
  const result = resultOf(description.result, actor)
  return { position, time, eventId, type, ...from, changes: [], ...description, result }
}
