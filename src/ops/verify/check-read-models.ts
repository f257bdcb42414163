import { hash } from 'node:crypto'
import type { Projection } from '../../../projections/kit/projection.ts'
import type { Change } from '../../../projections/kit/table.ts'
import type { HarkEvent } from '../../../schemas/events/events.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { HistoryDatabase } from '../../engine/history/history-database.ts'
import { scopeOf } from '../../engine/history/row-version.ts'
import { type Checkpoint, modelKey } from '../../engine/read-models/persistence/database.ts'
import { PROJECTIONS } from '../../engine/read-models/projections.ts'
import { ReadModel } from '../../engine/read-models/read-model.ts'
import type { Finding } from '../../integrity/verify/finding.ts'
import { laneFindings } from './check-lanes.ts'
import { MomentCheck } from './check-moments.ts'
import { type CompactedHistory, VersionCheck } from './check-versions.ts'

type AnyProjection = Projection<Record<string, unknown>>

type Rows = Map<string, Map<string, string>>

const sumOf = (row: string): string => hash('sha256', row, 'base64')

class CheckedModel {
  readonly name: string
  readonly checkpoint: Checkpoint
  readonly #model: ReadModel
  readonly #versions: VersionCheck
  readonly #onDisk: Rows = new Map()
  #areRowsPassed = false

  constructor(projection: AnyProjection, checkpoint: Checkpoint, versions: VersionCheck) {
    this.#model = new ReadModel(projection)
    this.name = modelKey(this.#model.id)
    this.checkpoint = checkpoint
    this.#versions = versions
    for (const [table, { history }] of this.#tables) if (history !== undefined) versions.expect(this.#scope(table))
  }

  get #tables() {
    return Object.entries(this.#model.projection.tables)
  }

  #scope(table: string): string {
    return scopeOf(this.name, table)
  }

  passesRows(position: Position): boolean {
    const isBehind = !this.#areRowsPassed && position > this.checkpoint.position
    if (isBehind) this.#areRowsPassed = true
    return isBehind
  }

  project(event: HarkEvent): void {
    const { position, versionsTo } = this.checkpoint
    // The history can be ahead of the rows.
    if (event.position > Math.max(position, versionsTo)) return
    for (const change of this.#model.project(event)) {
      const definition = this.#model.projection.tables[change.table]
      if (definition?.onDiskOnly && event.position <= position) note(this.#onDisk, change)
      if (definition?.history !== undefined && event.position <= versionsTo)
        this.#versions.note(this.#scope(change.table), definition, event, change as Change<Record<string, object>>)
    }
    this.#model.beginWriting()
    this.#model.written()
  }

  compareRows(database: HistoryDatabase): { readonly rows: number; readonly findings: readonly Finding[] } {
    const findings: Finding[] = []
    const find = (table: string, key: string, fault: string): void =>
      void findings.push({ place: `${this.name} ${table} ${key}`, fault })
    const seen = new Map(this.#tables.map(([table]) => [table, new Set<string>()]))
    for (const [table, key, row] of database.rows(this.#model.id)) {
      const wanted = this.#sum(table, key)
      seen.get(table)?.add(key)
      if (wanted === undefined) find(table, key, 'the log leads to no such row')
      else if (wanted !== sumOf(row)) find(table, key, 'the row does not follow from the log')
    }
    let rows = 0
    for (const [table, found] of seen) {
      const keys = this.#keys(table)
      rows += keys.length
      for (const key of keys) if (!found.has(key)) find(table, key, 'the row is missing')
    }
    return { rows, findings }
  }

  #isOnDisk(table: string): boolean {
    return this.#model.projection.tables[table]?.onDiskOnly === true
  }

  #sum(table: string, key: string): string | undefined {
    if (this.#isOnDisk(table)) return this.#onDisk.get(table)?.get(key)
    const row = this.#model.tables[table]?.get(key)
    return row === undefined ? undefined : sumOf(JSON.stringify(row))
  }

  #keys(table: string): readonly string[] {
    if (this.#isOnDisk(table)) return [...(this.#onDisk.get(table)?.keys() ?? [])]
    return this.#model.tables[table]?.sortedKeys() ?? []
  }
}

const note = (rows: Rows, { table, key, after }: Change): void => {
  const known = rows.get(table) ?? new Map<string, string>()
  rows.set(table, known)
  if (after === undefined) known.delete(key)
  else known.set(key, sumOf(JSON.stringify(after)))
}

/** Awaited, so that other work can run. */
type OnCompared = (done: number, total: number) => Promise<void>

/** Rows of history between two calls of OnCompared. */
const SLICE = 2000

interface ComparedReadModels {
  readonly rows: number
  readonly others: readonly string[]
  /** Missing in an older version of Hark. */
  readonly absent: readonly string[]
  readonly findings: readonly Finding[]
}

const compactedHistory = (database: HistoryDatabase): CompactedHistory | undefined => {
  const kept = database.keptHistory()
  if (kept === undefined) return undefined
  const firsts = new Map<string, Map<string, Position>>()
  for (const { scope, key, position } of database.versions.firstVersions()) {
    const known = firsts.get(scope) ?? new Map<string, Position>()
    firsts.set(scope, known.set(key, position))
  }
  return { begin: kept.position, first: (scope, key) => firsts.get(scope)?.get(key) }
}

export class ReadModelCheck {
  readonly #database: HistoryDatabase
  readonly #models: readonly CheckedModel[]
  readonly #others: readonly string[]
  readonly #absent: readonly string[]
  readonly #versions: VersionCheck
  readonly #moments: MomentCheck
  readonly #findings: Finding[] = []
  #rows = 0

  /** @param database only read; the caller closes it */
  constructor(database: HistoryDatabase) {
    this.#database = database
    this.#versions = new VersionCheck(compactedHistory(database))
    const checkpoints = database.checkpoints()
    const own = Object.values(PROJECTIONS) as unknown as readonly AnyProjection[]
    this.#models = own.flatMap(projection => {
      const { name, version } = projection
      const checkpoint = checkpoints.find(found => found.name === name && found.version === version)
      return checkpoint === undefined ? [] : [new CheckedModel(projection, checkpoint, this.#versions)]
    })
    const names = new Set(this.#models.map(({ name }) => name))
    this.#others = checkpoints.map(modelKey).filter(name => !names.has(name))
    this.#absent = checkpoints.length === 0 ? [] : own.map(modelKey).filter(name => !names.has(name))
    const isWhole = this.#others.length === 0
    this.#moments = new MomentCheck(database, isWhole ? this.#reach : undefined)
  }

  get #reach(): { readonly rows: Position; readonly versions: Position } {
    const checkpoints = this.#models.map(({ checkpoint }) => checkpoint)
    return {
      rows: Math.max(0, ...checkpoints.map(({ position }) => position)),
      versions: Math.max(0, ...checkpoints.map(({ versionsTo }) => versionsTo)),
    }
  }

  get position(): Position {
    return Math.max(this.#reach.rows, this.#reach.versions)
  }

  project(event: HarkEvent): void {
    for (const model of this.#models) {
      if (model.passesRows(event.position)) this.#compareRows(model)
      model.project(event)
    }
    this.#moments.take(event)
  }

  #compareRows(model: CheckedModel): void {
    const { rows, findings } = model.compareRows(this.#database)
    this.#rows += rows
    this.#findings.push(...findings)
  }

  beyond(logEnd: Position): Finding[] {
    return this.#models
      .filter(({ checkpoint: { position, versionsTo } }) => Math.max(position, versionsTo) > logEnd)
      .map(({ name, checkpoint: { position } }) => ({
        place: name,
        fault: `it is at position ${position}, after the end of the log`,
      }))
  }

  async compare(onCompared: OnCompared = async () => undefined): Promise<ComparedReadModels> {
    for (const model of this.#models) if (model.passesRows(Number.POSITIVE_INFINITY)) this.#compareRows(model)
    for (const fault of this.#database.schemaFaults())
      this.#findings.push({ place: 'the database of read models', fault })
    const names = new Set([...this.#models.map(({ name }) => name), ...this.#others])
    for (const stray of this.#database.rowModels())
      if (!names.has(stray))
        this.#findings.push({ place: stray, fault: 'it has rows, but there is no such read model' })
    const isLookedAt = (scope: string): boolean => !this.#others.some(other => scope.startsWith(`${other}/`))
    const total = this.#database.versions.size()
    let done = 0
    for (const finding of this.#versions.findings(this.#database.versions, isLookedAt)) {
      if (finding !== undefined) this.#findings.push(finding)
      done += 1
      if (done % SLICE === 0) await onCompared(done, total)
    }
    for (const finding of laneFindings(this.#database)) {
      if (finding !== undefined) this.#findings.push(finding)
      done += 1
      if (done % SLICE === 0) await onCompared(Math.min(done, total), total)
    }
    const [rows, others, absent] = [this.#rows, this.#others, this.#absent]
    return { rows, others, absent, findings: [...this.#findings, ...this.#moments.findings()] }
  }
}
