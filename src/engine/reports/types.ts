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

interface AuditRequest extends AuditFilter {
  readonly from?: MomentRequest | undefined
  readonly to?: MomentRequest | undefined
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[]
  readonly hasNextPage: boolean
}

export interface Availability {
  readonly namespace: string
  readonly name: string
  /** Fraction of time from 0 to 1. */
  readonly fractionReady: number
  readonly fractionUnknown: number
  /** Part of `fractionUnknown`. */
  readonly fractionNotObserved: number
  readonly transitions: number
}

export type AvailabilityPage = Omit<Page<Availability>, 'totalCount' | 'hasPreviousPage'>

interface AuditWindow {
  readonly from: string
  readonly to: string
  readonly position: Position
}

/** Methods hold one page in memory. */
export interface AuditReport {
  window(): Promise<AuditWindow>
  entries(page: { readonly first: number; readonly after?: Position | undefined }): Promise<AuditPage>
  summary(): Promise<AuditCounts>
  availability(page: PageRequest): Promise<AvailabilityPage>
}

export interface Reports {
  /**
   * Fixes the end of the window.
   *
   * @throws HarkError BAD_USER_INPUT if the window ends before it begins, UNAVAILABLE if the store does not respond
   */
  audit(request: AuditRequest): Promise<AuditReport>
}
