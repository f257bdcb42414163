import { availableParallelism } from 'node:os'
import type { Position } from '../../../../schemas/events/recorded-event.ts'
import type { EventStore } from '../../../event-store/event-store.ts'
import type { FoldedIndex, FoldKey } from '../index-fingerprint.ts'
import { CanonicalPages } from './from-events.ts'
import { WrittenPages } from './from-rows.ts'
import { SharedPages } from './from-workers.ts'
import type { LogPage } from './page.ts'

/** Fewer events than these are read before a thread has started. */
const WORTH_THREADS = 20_000

/** More than these have to wait for the one that puts together what they have read. */
const MOST_THREADS = 4

/** A page, and which of several readers has numbered its streams. */
export interface NumberedPage {
  readonly page: LogPage
  readonly reader: number
}

/** What leads from a stream to its events. */
export interface StreamIndex {
  /** It holds every event up to here. */
  readonly upTo: Position
  /** May be asked for before pages are, to be there when they have been read. */
  fold(key: FoldKey): Promise<FoldedIndex>
  /** See TextReader. */
  hidden(): number
}

/** A log, read for its hashes. */
export interface LogPages extends AsyncDisposable {
  /** From the first event on, in the order of the log. */
  pages(): AsyncIterable<NumberedPage>
  /** Where the store keeps one. */
  readonly index: StreamIndex | undefined
}

/** @param threads how many may read beside this one, where the store lets them; by default it depends on the log */
export const openLogPages = (store: EventStore, threads?: number): LogPages => {
  const written = store.written?.()
  if (written === undefined) return new CanonicalPages(store)
  const { shared, end } = written
  const number = threads ?? (end < WORTH_THREADS ? 0 : Math.min(availableParallelism() - 1, MOST_THREADS))
  if (shared === undefined || number === 0) return new WrittenPages(written)
  return new SharedPages(written, shared, number)
}
