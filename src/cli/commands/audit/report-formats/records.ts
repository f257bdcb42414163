import type { AuditAction, AuditedKind, AuditResult } from '../../../../../schemas/audit-vocabulary.ts'

/** What the API gives of an audit report. */
export interface ResourceRecord {
  readonly kind: AuditedKind
  readonly namespace: string | null
  readonly name: string | null
}

export interface ChangeRecord {
  readonly field: string
  readonly before: unknown
  readonly after: unknown
}

export interface EntryRecord {
  readonly position: string
  readonly time: string
  readonly actor: string
  readonly via: string | null
  readonly clientAddress: string | null
  readonly action: AuditAction
  readonly words: string
  readonly resource: ResourceRecord
  readonly changes: readonly ChangeRecord[]
  readonly result: AuditResult
  readonly message: string | null
  readonly refusal: { readonly command: string; readonly code: string; readonly asked: unknown } | null
  readonly eventId: string
  readonly eventType: string
  readonly correlationId: string
  readonly causationId: string | null
  readonly commandId: string | null
}

export interface SummaryRecord {
  readonly entries: number
  readonly changes: number
  readonly refusals: number
  readonly observations: number
  readonly changesByActor: readonly { readonly actor: string; readonly changes: number }[]
  readonly changesByOtherActors: number
  readonly changesByResource: readonly { readonly resource: ResourceRecord; readonly changes: number }[]
  readonly changesToOtherResources: number
  readonly refusalsByActor: readonly { readonly actor: string; readonly code: string; readonly refusals: number }[]
  readonly otherRefusals: number
}

export interface AvailabilityRecord {
  readonly namespace: string
  readonly name: string
  readonly fractionReady: number
  readonly fractionUnknown: number
  readonly transitions: number
}

/** A report that is fetched as it is read: nothing of it is kept. */
export interface Report {
  readonly from: string
  readonly to: string
  readonly position: string
  /** It was read without an engine, and ends with the last moment that is known of. */
  readonly isOfStore: boolean
  /** What it is narrowed to, for people: `namespace west`. */
  readonly scope: readonly string[]
  /** All of it is of this namespace. */
  readonly namespace: string | undefined
  summary(): Promise<SummaryRecord>
  availability(): AsyncIterable<readonly AvailabilityRecord[]>
  entries(): AsyncIterable<readonly EntryRecord[]>
}

/** Writes a report piece by piece. */
export type ReportFormat = (report: Report) => AsyncIterable<string>
