import type {
  AuditEntryFragment,
  AuditedResourceFragment,
  AuditSignatureQuery,
  AuditSummaryFragment,
  AvailabilityFragment,
} from '../../../client/generated.ts'

export type ResourceRecord = AuditedResourceFragment
export type EntryRecord = AuditEntryFragment
export type ChangeRecord = EntryRecord['changes'][number]
export type SummaryRecord = AuditSummaryFragment
export type SignatureRecord = NonNullable<AuditSignatureQuery['record']['lastCheckpoint']>
export type AvailabilityRecord = AvailabilityFragment

export interface Statement {
  readonly from: string
  readonly to: string
  readonly position: string
  /** Filters in plain text: `namespace west`. */
  readonly filters: readonly string[]
  /** Null without a checkpoint or permission. */
  readonly signature: SignatureRecord | null
  readonly maySeeSignature: boolean
  readonly version: string
  readonly madeAt: string
  readonly madeBy: string
}

/** Pages are fetched when read, and not kept. */
export interface Report {
  readonly from: string
  readonly to: string
  readonly position: string
  readonly isOfStore: boolean
  readonly scope: readonly string[]
  readonly namespace: string | undefined
  statement(): Promise<Statement>
  summary(): Promise<SummaryRecord>
  availability(): AsyncIterable<readonly AvailabilityRecord[]>
  entries(): AsyncIterable<readonly EntryRecord[]>
}

export type ReportFormat = (report: Report) => AsyncIterable<string>
