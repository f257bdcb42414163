import type { AuditEntry } from '../../../projections/audit/entry.ts'
import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { AUDIT_PREFIX, AUDITED_PREFIXES } from '../../../schemas/events/streams.ts'
import { prefixesOf } from '../queries/event-filter.ts'
import type { AuditFilter } from './types.ts'

export const auditedPrefixes = ({ namespace, name }: AuditFilter): readonly string[] =>
  namespace === undefined ? AUDITED_PREFIXES : [...prefixesOf({ namespace, name }), AUDIT_PREFIX]

/** Creating entries takes longer. */
export const mayMatch = ({ actor, namespace }: AuditFilter): ((event: RecordedEvent) => boolean) => {
  return ({ metadata, data }) =>
    (actor === undefined || metadata.actor === actor) &&
    (namespace === undefined || (data as { readonly namespace?: unknown } | null)?.namespace === namespace)
}

/** A renamed site is found by both names. */
const hadName = ({ changes }: AuditEntry, name: string): boolean =>
  changes.some(({ field, before }) => field === 'metadata.name' && before === name)

export const entryMatches = ({ kind, name, actions }: AuditFilter): ((entry: AuditEntry) => boolean) => {
  const wanted = actions === undefined ? undefined : new Set(actions)
  return entry => {
    const { action, resource } = entry
    return (
      (wanted === undefined || wanted.has(action)) &&
      (kind === undefined || resource.kind === kind) &&
      (name === undefined || resource.name === name || hadName(entry, name))
    )
  }
}
