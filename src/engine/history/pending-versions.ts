import type { Change, TableDefinition } from '../../../projections/kit/table.ts'
import type { HarkEvent } from '../../../schemas/events/events.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { NewVersions } from './version-buffer.ts'

export interface VersionsOfTable {
  readonly table: string
  /** See NewVersions. */
  readonly versions: readonly Uint8Array[]
}

type Tables = Readonly<Record<string, TableDefinition<never>>>

/**
 * The versions of a read model's rows on their way to the disk. They go there on their own, ahead of the rows: versions
 * are added and rows overwritten, so many versions cost less than many rows. After a crash the rows may be older than the
 * versions, and events are projected again whose versions are there already.
 */
export class RowHistory {
  readonly #tables: Tables
  #new: ReadonlyMap<string, NewVersions<unknown>>
  /** Oldest first. */
  #beingWritten: VersionsOfTable[] = []
  #bytesBeingWritten = 0
  /** Up to here versions are noted or written. */
  #position: Position

  /** @param position up to where versions are written down */
  constructor(tables: Tables, position: Position) {
    this.#tables = tables
    this.#position = position
    this.#new = this.#none()
  }

  #none(): ReadonlyMap<string, NewVersions<unknown>> {
    const kept = Object.entries(this.#tables).filter(([, { history }]) => history !== undefined)
    return new Map(kept.map(([name, definition]) => [name, new NewVersions(definition as TableDefinition<unknown>)]))
  }

  /** Forgets what waits, and whatever comes. */
  giveUp(): void {
    this.#position = Number.POSITIVE_INFINITY
    this.#new = this.#none()
    this.written()
  }

  note(event: HarkEvent, changes: readonly Change<Record<string, unknown>>[]): void {
    if (event.position <= this.#position) return
    this.#position = event.position
    for (const change of changes) this.#new.get(change.table)?.note(event, change)
  }

  /** How many bytes wait to be written down. */
  get waitingBytes(): number {
    let bytes = this.#bytesBeingWritten
    for (const versions of this.#new.values()) bytes += versions.size
    return bytes
  }

  /** Sets apart what is to be written down now, until `written` is called. What is noted meanwhile is for the next time. */
  beginWriting(): readonly VersionsOfTable[] {
    for (const [table, versions] of this.#new) {
      if (versions.size === 0) continue
      this.#bytesBeingWritten += versions.size
      this.#beingWritten.push({ table, versions: versions.encoded() })
    }
    this.#new = this.#none()
    return this.#beingWritten
  }

  written(): void {
    this.#beingWritten = []
    this.#bytesBeingWritten = 0
  }
}
