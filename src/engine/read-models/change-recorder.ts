import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { Connection } from '../../lib/worker-rpc.ts'
import type { LastEvent, ReadModelDatabase } from './persistence/database.ts'
import type { ReadModel } from './read-model.ts'

export interface ProjectedEvent extends LastEvent {
  readonly position: Position
}

export interface ChangeRecorder {
  open(file: string): ReadModelDatabase
  connect(file: string, onFailure: (error: Error) => void): Connection<ReadModelDatabase>
  follow(model: ReadModel, from: Position): void
  noteEvent(event: ProjectedEvent): void
  readonly pendingBytes: number
  /** Notes every version from now on, and the next one of each row whole, for a database that has all earlier ones. */
  noteWhole(): void
  /** Fixes what `put` persists. Throws if recording has stopped. */
  beginWriting(): void
  put(): Promise<void>
  written(): void
  notWritten(): void
  startOver(): void
}
