import { closeSync, fdatasyncSync, openSync } from 'node:fs'
import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { Recorder } from '../../engine/history/recorder.ts'
import { decodeEvent } from '../../engine/read-models/decode-event.ts'
import { removeReadModels } from '../../engine/read-models/persistence/database.ts'
import { fromLines } from '../../engine/read-models/persistence/row-lines.ts'
import { projectEvent } from '../../engine/read-models/project-event.ts'
import type { ModelName } from '../../engine/read-models/projections.ts'
import { type ProjectedTo, ReadModels } from '../../engine/read-models/read-models.ts'
import { ReplaceableHistory, servedBy } from '../../engine/rebuild/replaceable-history.ts'
import type { Advance, Comparison, Rebuilder } from '../../engine/rebuild/types.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import { connectLocally } from '../../lib/worker-rpc.ts'
import { FileCheck } from './file-check.ts'
import { LogReading } from './log-reading.ts'

/** Both limit memory. The less often versions are written, the fewer pages are written again. */
const HISTORY_BYTES = 32_000_000
const UNWRITTEN_ROWS = 100_000
/** Events between two looks at the clock. */
const EVENTS_A_LOOK = 100

export type OpenLog = () => Promise<EventStore>

export class LogRebuilder implements Rebuilder {
  readonly #openLog: OpenLog
  readonly #reading: LogReading
  readonly #recorder: Recorder
  readonly #models: ReadModels
  readonly #compared = new Set<string>()
  #position: Position = BEGINNING
  #descriptor: number | undefined
  #check: FileCheck | undefined

  constructor(fresh: string, openLog: OpenLog) {
    removeReadModels(fresh)
    this.#openLog = openLog
    this.#reading = new LogReading(openLog)
    this.#recorder = new Recorder(file => {
      const history = new ReplaceableHistory(file)
      history.database.writeWithoutSync()
      return connectLocally(servedBy(history))
    })
    this.#models = new ReadModels(fresh, this.#recorder)
    this.#descriptor = openSync(fresh, 'r')
  }

  async advance(to: ProjectedTo, forMs: number): Promise<Advance> {
    const end = performance.now() + forMs
    while (!this.#isAt(to)) {
      const events = await this.#reading.next(to.position, EVENTS_A_LOOK)
      if (events.length === 0) break
      this.#project(events)
      await this.#write()
      if (performance.now() >= end) break
    }
    await this.#reading.pause()
    return { position: this.#position, isThere: this.#isAt(to) }
  }

  #isAt({ lastEvent }: ProjectedTo): boolean {
    return this.#models.lastEvent?.id === lastEvent?.id
  }

  #project(events: readonly RecordedEvent[]): void {
    const followers = this.#models.followers()
    for (const recorded of events) {
      this.#position = recorded.position
      const event = decodeEvent(recorded)
      if (event === undefined) continue
      for (const [, model] of followers) projectEvent(model, event, recorded)
      this.#models.noteLastEvent(event)
    }
  }

  async #write(): Promise<void> {
    if (this.#models.unwrittenRows >= UNWRITTEN_ROWS) await this.#models.write()
    else if (this.#models.pendingHistoryBytes >= HISTORY_BYTES) await this.#models.writeVersions()
    else return
    // Little at a time, because commands wait for the same disk.
    if (this.#descriptor !== undefined) fdatasyncSync(this.#descriptor)
  }

  async write(): Promise<void> {
    await this.#models.write()
    await this.#recorder.database.settle()
  }

  async compareRows(model: ModelName, table: string, lines: string): Promise<readonly string[]> {
    const rows = this.#tableOf(model, table)
    return fromLines(lines).flatMap(([key, row]) => {
      this.#compared.add(key)
      return JSON.stringify(rows.get(key)) === row ? [] : [key]
    })
  }

  async uncomparedRows(model: ModelName, table: string): Promise<readonly string[]> {
    const keys = [...this.#tableOf(model, table).entries()].map(([key]) => key)
    const uncompared = keys.filter(key => !this.#compared.has(key))
    this.#compared.clear()
    return uncompared
  }

  #tableOf(model: ModelName, table: string) {
    const { tables } = this.#models.serving[model] as { readonly tables: Readonly<Record<string, RowsByKey>> }
    return tables[table] as RowsByKey
  }

  async timesSummary(): Promise<string> {
    return this.#recorder.times.summary()
  }

  async finish({ position }: ProjectedTo): Promise<void> {
    for (const [, model] of this.#models.followers()) model.advance(position)
    await this.#models.write()
    await this.close()
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.#models.close()
    // Before another connection of this process locks the file: closing would end its lock.
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
    await this.#reading.close()
  }

  compareFile(file: string, to: ProjectedTo, forMs: number): Promise<Comparison> {
    this.#check ??= new FileCheck(file, to, this.#openLog)
    return this.#check.within(forMs)
  }
}

interface RowsByKey {
  get(key: string): unknown
  entries(): Iterable<readonly [key: string, row: unknown]>
}
