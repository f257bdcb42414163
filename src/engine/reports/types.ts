import type { AuditEntry } from '../../../projections/audit/entry.ts'
import type { AuditCounts } from '../../../projections/audit/summary.ts'
import type { AuditAction, AuditedKind } from '../../../schemas/audit-vocabulary.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { MomentRequest } from '../history/types.ts'
import type { Page, PageRequest } from '../queries/types.ts'

export interface AuditFilter {
  readonly actor?: string | undefined
  readonly namespace?: string | undefined
  readonly kind?: AuditedKind | undefined
  readonly name?: string | undefined
  readonly actions?: readonly AuditAction[] | undefined
}

export interface AuditRequest extends AuditFilter {
  /** Default: the first event. */
  readonly from?: MomentRequest | undefined
  /** Default: now, also for a moment in the future. */
  readonly to?: MomentRequest | undefined
}

export interface AuditPage {
  /** Oldest first. */
  readonly entries: readonly AuditEntry[]
  readonly hasNextPage: boolean
}

/** Availability of a listener, over the part of the window in which it existed. */
export interface Availability {
  readonly namespace: string
  readonly name: string
  /** Shares of time, 0 to 1, as in a timeline. */
  readonly fractionReady: number
  readonly fractionUnknown: number
  readonly transitions: number
}

export interface AuditWindow {
  /** RFC 3339. */
  readonly from: string
  readonly to: string
  /** Of the last event in the window; 0 if it ends before the first event. */
  readonly position: Position
}

/** Who did what in a window of the log. Each method reads the store anew and holds one page in memory. */
export interface AuditReport {
  window(): Promise<AuditWindow>
  entries(page: { readonly first: number; readonly after?: Position | undefined }): Promise<AuditPage>
  summary(): Promise<AuditCounts>
  /** Of every listener that existed in the window and matches the filter, by namespace and name. */
  availability(page: PageRequest): Promise<Omit<Page<Availability>, 'totalCount'>>
}

export interface Reports {
  /**
   * Fixes the end of the window: later events are in none of the report's results. Rejects with BAD_USER_INPUT if the
   * window ends before it begins, and with UNAVAILABLE if the store does not respond; so do the report's methods.
   */
  audit(request: AuditRequest): Promise<AuditReport>
}
