import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { NewTimes } from '../overview/event-times-table.ts'
import { CLEAR_EVENT_TIMES, EVENT_TIMES_SCHEMA, EventTimesTable } from '../overview/event-times-table.ts'
import { CLEAR_LANES, LANE_SCHEMA, LaneStore } from '../overview/lane-store.ts'
import { LaneTrimmer } from '../overview/lane-trimmer.ts'
import { type ModelId, modelKey, openError, ReadModelDatabase } from '../read-models/persistence/database.ts'
import type { QueriedTables } from '../read-models/projections.ts'
import type { PastQuery } from './as-of-query.ts'
import type { ModelKeys } from './as-of-tables.ts'
import { type CompactedSlice, compactSlice, type SliceRequest } from './compaction/compact-slice.ts'
import { VersionTrimmer } from './compaction/trim-versions.ts'
import type { EncodedVersions } from './pending-versions.ts'
import { decodeVersions, versionsByRow } from './row-version.ts'
import type { Unobserved } from './types.ts'
import { CLEAR_VERSIONS, type StoredMoment, VERSION_SCHEMA, VersionStore } from './version-store.ts'

/** Of pages of a file that is written without sync. */
const UNSAFE_CACHE_KB = 64_000

/** Its `put` methods run within a transaction. */
export class HistoryDatabase extends ReadModelDatabase {
  readonly versions: VersionStore
  readonly lanes: LaneStore
  readonly eventTimes: EventTimesTable
  /** Queries about one moment follow each other. */
  #latest: { readonly moment: string; readonly tables: WeakRef<QueriedTables> } | undefined

  constructor(file: string, mayChange = true) {
    super(file, `${VERSION_SCHEMA} ${LANE_SCHEMA} ${EVENT_TIMES_SCHEMA}`, mayChange)
    try {
      this.versions = new VersionStore(this.database)
      this.lanes = new LaneStore(this.database)
      this.eventTimes = new EventTimesTable(this.database)
    } catch (error) {
      this.close()
      throw openError(file, error as Error)
    }
  }

  override begin(): void {
    if (this.isUncommitted) {
      this.versions.clearCache()
      this.lanes.clearCache()
      this.#latest = undefined
    }
    super.begin()
  }

  putVersions({ versions, filings }: EncodedVersions): void {
    const rows = versionsByRow(versions.flatMap(chunk => [...decodeVersions(chunk)]))
    this.versions.add(rows)
    this.lanes.add(rows)
    this.versions.file(filings)
  }

  putMoments(moments: Float64Array): void {
    for (let at = 0; at < moments.length; at += 2)
      this.versions.addMoment(moments[at] as number, moments[at + 1] as number)
  }

  putEventTimes(times: NewTimes): void {
    this.eventTimes.add(times)
  }

  positionAt(time: number): Position | undefined {
    return this.versions.positionAt(time)
  }

  momentBefore(position: Position): StoredMoment | undefined {
    return this.versions.momentBefore(position)
  }

  momentAfter(position: Position): StoredMoment | undefined {
    return this.versions.momentAfter(position)
  }

  async past(models: ModelKeys, position: Position, query: PastQuery, unobserved?: Unobserved): Promise<unknown> {
    // Loading projections and schemas would slow down the start of every thread.
    const { runPastQuery } = await import('./as-of-query.ts')
    const tables = await this.#tablesAt(models, position, unobserved)
    return runPastQuery({ versions: this.versions, lanes: this.lanes, models, tables }, position, query)
  }

  async #tablesAt(models: ModelKeys, position: Position, unobserved?: Unobserved): Promise<QueriedTables> {
    const moment = JSON.stringify([position, models, [...(unobserved ?? [])]])
    const known = this.#latest?.moment === moment ? this.#latest.tables.deref() : undefined
    if (known !== undefined) return known
    const { pastTables } = await import('./as-of-tables.ts')
    const tables = pastTables(this.versions, models, position, unobserved)
    this.#latest = { moment, tables: new WeakRef(tables) }
    return tables
  }

  compact(request: SliceRequest): CompactedSlice {
    const trimmer = new VersionTrimmer(this.database)
    if (request.isDryRun) return compactSlice(trimmer, request, () => undefined)
    const lanes = new LaneTrimmer(this.database)
    this.begin()
    this.setKeptHistory(request.kept)
    const slice = compactSlice(trimmer, request, (row, before) => {
      trimmer.remove(row, before)
      lanes.trim(row.scope, row.key, before)
    })
    if (slice.next === undefined) this.lanes.removeUnusedTexts()
    this.#latest = undefined
    this.versions.clearCache()
    this.commit()
    return slice
  }

  /** For a file that is worthless until `settle`: nothing waits for the disk, and no page is written twice. */
  writeWithoutSync(): void {
    // SQLite takes a missing journal for a danger.
    this.database.enableDefensive(false)
    this.database.exec(`PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF; PRAGMA cache_size = -${UNSAFE_CACHE_KB}`)
  }

  /** Ends `writeWithoutSync`, and returns once everything is on disk. */
  settle(): void {
    const version = this.database.prepare('PRAGMA user_version').get()?.user_version
    // A checkpoint with nothing to copy would sync nothing.
    this.database.exec(
      `PRAGMA synchronous = NORMAL; PRAGMA journal_mode = WAL; PRAGMA user_version = ${version}; PRAGMA wal_checkpoint(TRUNCATE)`,
    )
  }

  /** Needs as much free space for a copy. */
  shrink(): void {
    this.database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
  }

  override remove(model: ModelId): void {
    super.remove(model)
    this.#latest = undefined
    this.versions.remove(modelKey(model))
    this.lanes.remove(modelKey(model))
  }

  protected override clear(): void {
    super.clear()
    this.#latest = undefined
    this.database.exec(`${CLEAR_VERSIONS}; ${CLEAR_LANES}; ${CLEAR_EVENT_TIMES}`)
    this.versions.clearCache()
    this.lanes.clearCache()
  }
}
