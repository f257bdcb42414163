import type { Change } from '../../../projections/kit/table.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { type Connection, connect, connectLocally, type Remote, workerFile } from '../../lib/worker-rpc.ts'
import { EventTimes } from '../overview/event-times.ts'
import type { NewTimes } from '../overview/event-times-table.ts'
import type { ChangeRecorder, ProjectedEvent } from '../read-models/change-recorder.ts'
import { modelKey, type ReadModelDatabase, ReadModelsDamaged } from '../read-models/persistence/database.ts'
import type { KeptHistory } from '../read-models/persistence/kept-history.ts'
import type { ReadModel } from '../read-models/read-model.ts'
import { ReplaceableHistory, type ServedHistory, servedBy } from '../rebuild/replaceable-history.ts'
import { HistoryDatabase } from './history-database.ts'
import { type EncodedVersions, PendingVersions } from './pending-versions.ts'
import { type MomentPair, PendingTimestamps } from './timestamp-index.ts'

/** Limits memory while the disk accepts no writes. */
const MAX_PENDING_BYTES = 256_000_000

interface Batch {
  readonly versions: readonly EncodedVersions[]
  readonly moments: readonly MomentPair[]
  readonly times: NewTimes
}

const NOTHING: Batch = { versions: [], moments: [], times: [] }

export type ConnectHistory = (file: string, onFailure: (error: Error) => void) => Connection<ServedHistory>

export const connectInOwnThread: ConnectHistory = (file, onFailure) =>
  connect<ServedHistory>(workerFile('worker', import.meta.url), file, onFailure)

/** For a log so small that a thread takes longer to start than it saves. */
export const connectInThisThread: ConnectHistory = file =>
  connectLocally<ServedHistory>(servedBy(new ReplaceableHistory(file)))

export class Recorder implements ChangeRecorder {
  readonly times = new EventTimes()
  readonly #connect: ConnectHistory
  readonly #pending = new Map<string, PendingVersions>()
  #timestamps = new PendingTimestamps()
  #connection: Connection<ServedHistory> | undefined
  #batch = NOTHING
  #isStopped = false
  #isDeferred = false
  #isNoting = true
  #kept: KeptHistory | undefined

  /** @param connectHistory opens the database in a thread of its own by default */
  constructor(connectHistory: ConnectHistory = connectInOwnThread) {
    this.#connect = connectHistory
  }

  open(file: string): ReadModelDatabase {
    this.#pending.clear()
    const database = new HistoryDatabase(file)
    try {
      this.#timestamps = new PendingTimestamps(database.momentBefore(Number.MAX_SAFE_INTEGER))
      this.times.startOver()
      this.times.load(database.eventTimes.all())
      this.#kept = database.keptHistory()
      if (database.isUnfinished) this.defer()
    } catch (cause) {
      database.close()
      throw new ReadModelsDamaged(file, { cause })
    }
    return database
  }

  connect(file: string, onFailure: (error: Error) => void): Connection<ReadModelDatabase> {
    this.#connection = this.#connect(file, onFailure)
    return this.#connection
  }

  get database(): Remote<ServedHistory> {
    if (this.#connection === undefined) throw new Error('the recorder is not connected to its database')
    return this.#connection.remote
  }

  get kept(): KeptHistory | undefined {
    return this.#kept
  }

  /** Must be called before versions are removed. */
  keepFrom(kept: KeptHistory | undefined): void {
    this.#kept = kept
  }

  follow(model: ReadModel, from: Position): void {
    const pending = new PendingVersions(modelKey(model.id), model.projection.tables, from)
    this.#pending.set(modelKey(model.id), pending)
    model.onProjected((event, changes) => {
      if (this.#isNoting) pending.note(event, changes as readonly Change<Record<string, unknown>>[])
    })
  }

  /** The database lacks versions of rows until `complete`. */
  get isDeferred(): boolean {
    return this.#isDeferred
  }

  /** Notes no versions of rows until `noteWhole`, and drops those that are not written yet. */
  defer(): void {
    this.#isDeferred = true
    this.#isNoting = false
    for (const pending of this.#pending.values()) pending.drop()
  }

  /** Call once a database with all versions has replaced the one without. */
  complete(): void {
    this.#isDeferred = false
  }

  noteEvent({ time, position, stream }: ProjectedEvent): void {
    const milliseconds = this.#timestamps.note(time, position)
    if (milliseconds !== undefined) this.times.note(stream, milliseconds)
  }

  get pendingBytes(): number {
    return [...this.#pending.values()].reduce((bytes, { pendingBytes }) => bytes + pendingBytes, 0)
  }

  noteWhole(): void {
    this.#isNoting = true
    for (const pending of this.#pending.values()) pending.storeWhole()
  }

  beginWriting(): void {
    if (this.#isStopped)
      throw new Error('too many changes wait to be persisted: the next start rebuilds them from the log')
    this.#batch = {
      versions: [...this.#pending.values()].flatMap(pending => pending.beginWriting()),
      moments: this.#timestamps.take(),
      times: this.times.take(),
    }
  }

  async put(): Promise<void> {
    const { versions, moments, times } = this.#batch
    if (this.#isDeferred) await this.database.markUnfinished()
    for (const encoded of versions) await this.database.putVersions(encoded)
    await this.database.putMoments(Float64Array.from(moments.flat()))
    await this.database.putEventTimes(times)
  }

  written(): void {
    for (const pending of this.#pending.values()) pending.written()
    this.#batch = NOTHING
  }

  notWritten(): void {
    this.#timestamps.putBefore(this.#batch.moments)
    this.times.putBefore(this.#batch.times)
    this.#batch = NOTHING
    if (this.pendingBytes <= MAX_PENDING_BYTES) return
    this.#isStopped = true
    for (const pending of this.#pending.values()) pending.stop()
  }

  startOver(): void {
    this.#pending.clear()
    this.#timestamps.startOver()
    this.times.startOver()
    this.#kept = undefined
    this.#isDeferred = false
    this.#isNoting = true
  }
}
