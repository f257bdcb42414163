import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { Connection } from '../../lib/worker-rpc.ts'
import type { LastEvent, ReadModelDatabase } from './persistence/database.ts'
import type { ReadModel } from './read-model.ts'

export interface ProjectedEvent extends LastEvent {
  readonly position: Position
}

/** Persists more of the changes than the latest rows: what it puts is committed in the transactions of the read models. */
export interface ChangeRecorder {
  /** Opens the database with the tables of the recorder, in this thread. */
  open(file: string): ReadModelDatabase
  /** Opens it in a thread of its own. */
  connect(file: string, onFailure: (error: Error) => void): Connection<ReadModelDatabase>
  /** Records the changes of a read model after a position. */
  follow(model: ReadModel, from: Position): void
  noteEvent(event: ProjectedEvent): void
  /** Bytes that are not persisted yet. */
  readonly pendingBytes: number
  /** Sets apart what `put` persists; `written` or `notWritten` ends it. Throws if recording has stopped. */
  beginWriting(): void
  /** Within a transaction. */
  put(): Promise<void>
  written(): void
  notWritten(): void
  /** Drops everything: the read models are built again. */
  startOver(): void
}
