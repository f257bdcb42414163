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

/** Pages are fetched when they are read, and are not kept. */
export interface Report {
  readonly from: string
  readonly to: string
  readonly position: string
  readonly isOfStore: boolean
  /** Filters in plain text: `namespace west`. */
  readonly scope: readonly string[]
  readonly namespace: string | undefined
  summary(): Promise<SummaryRecord>
  availability(): AsyncIterable<readonly AvailabilityRecord[]>
  entries(): AsyncIterable<readonly EntryRecord[]>
}

export type ReportFormat = (report: Report) => AsyncIterable<string>
