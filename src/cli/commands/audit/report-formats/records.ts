import type {
  AuditEntryFragment,
  AuditedResourceFragment,
  AuditSummaryFragment,
  AvailabilityFragment,
} from '../../../client/generated.ts'

export type ResourceRecord = AuditedResourceFragment
export type EntryRecord = AuditEntryFragment
export type ChangeRecord = EntryRecord['changes'][number]
export type SummaryRecord = AuditSummaryFragment
export type AvailabilityRecord = AvailabilityFragment

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
