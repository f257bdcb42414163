import type { Change, TableDefinition } from '../../../projections/kit/table.ts'
import type { HarkEvent } from '../../../schemas/events/events.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { createMergePatch } from '../../lib/json-merge-patch.ts'
import { createLru, type Lru } from '../../lib/lru.ts'
import { encodeVersion, type Filing, type RowVersion, scopeOf, VERSION_KIND } from './row-version.ts'

/** Patches before a row is stored whole, so that reading a version takes at most eight rows. */
export const MAX_PATCHES = 7
/** Rows per table; others are stored whole. */
const MAX_REMEMBERED_ROWS = 100_000
const CHUNK = 64 * 1024

export interface EncodedVersions {
  readonly versions: readonly Uint8Array[]
  readonly filings: readonly Filing[]
}

interface TableHistory {
  readonly scope: string
  readonly indexes: readonly (readonly [string, (row: unknown) => string | undefined])[]
  readonly patches: Lru<string, number>
}

const historyOf = (model: string, name: string, { indexes, history }: TableDefinition<unknown>): TableHistory => ({
  scope: scopeOf(model, name),
  indexes: Object.entries(indexes ?? {}).filter(([index]) => history?.indexes.includes(index)),
  patches: createLru(MAX_REMEMBERED_ROWS),
})

/**
 * Persisted before rows, because appending is cheaper than overwriting; after a crash, events projected again add no
 * version twice.
 */
export class PendingVersions {
  readonly #tables = new Map<string, TableHistory>()
  #chunks: Uint8Array[] = []
  #chunkBytes = 0
  #lines: string[] = []
  #characters = 0
  #filings: Filing[] = []
  #beingWritten: EncodedVersions[] = []
  #bytesBeingWritten = 0
  #position: Position
  #recorded = ''
  #time = Number.NaN

  constructor(model: string, tables: Readonly<Record<string, TableDefinition<never>>>, position: Position) {
    this.#position = position
    for (const [name, definition] of Object.entries(tables)) {
      if (definition.history !== undefined)
        this.#tables.set(name, historyOf(model, name, definition as TableDefinition<unknown>))
    }
  }

  stop(): void {
    this.#position = Number.POSITIVE_INFINITY
    this.drop()
  }

  drop(): void {
    this.#reset()
    this.written()
  }

  /** Stores the next version of each row whole. */
  storeWhole(): void {
    for (const { patches } of this.#tables.values()) patches.clear()
  }

  note({ position, time, type }: HarkEvent, changes: readonly Change<Record<string, unknown>>[]): void {
    if (position <= this.#position) return
    this.#position = position
    for (const change of changes) {
      const table = this.#tables.get(change.table)
      if (table === undefined) continue
      const version = versionOf(table, change)
      if (version !== undefined)
        this.#add(table.scope, change.key, { position, time: this.#timeOf(time), type, ...version })
      this.#file(table, change)
    }
  }

  #timeOf(recorded: string): number {
    if (recorded !== this.#recorded) {
      this.#recorded = recorded
      this.#time = Date.parse(recorded)
    }
    return this.#time
  }

  #add(scope: string, key: string, version: RowVersion): void {
    const lines = encodeVersion(scope, key, version)
    this.#lines.push(lines)
    this.#characters += lines.length
    if (this.#characters >= CHUNK) this.#encode()
  }

  #file({ scope, indexes }: TableHistory, { key, before, after }: Change<Record<string, unknown>>): void {
    if (after === undefined) return
    for (const [index, indexKey] of indexes) {
      const value = indexKey(after)
      if (value !== undefined && (before === undefined || indexKey(before) !== value))
        this.#filings.push({ scope, index, value, key })
    }
  }

  #encode(): void {
    if (this.#lines.length === 0) return
    const chunk = toSharedBytes(this.#lines.join('\n'))
    this.#chunks.push(chunk)
    this.#chunkBytes += chunk.length
    this.#lines = []
    this.#characters = 0
  }

  get pendingBytes(): number {
    return this.#bytesBeingWritten + this.#chunkBytes + this.#characters
  }

  beginWriting(): readonly EncodedVersions[] {
    this.#encode()
    if (this.#chunks.length > 0 || this.#filings.length > 0) {
      this.#beingWritten.push({ versions: this.#chunks, filings: this.#filings })
      this.#bytesBeingWritten += this.#chunkBytes
    }
    this.#reset()
    return this.#beingWritten
  }

  written(): void {
    this.#beingWritten = []
    this.#bytesBeingWritten = 0
  }

  #reset(): void {
    this.#chunks = []
    this.#chunkBytes = 0
    this.#lines = []
    this.#characters = 0
    this.#filings = []
  }
}

/** A thread receives shared bytes without a copy. */
const toSharedBytes = (text: string): Uint8Array => {
  const bytes = Buffer.from(new SharedArrayBuffer(Buffer.byteLength(text)))
  bytes.write(text)
  return bytes
}

const versionOf = (
  { patches }: TableHistory,
  { key, before, after }: Change<Record<string, unknown>>,
): Pick<RowVersion, 'kind' | 'body'> | undefined => {
  if (after === undefined) {
    patches.delete(key)
    return { kind: VERSION_KIND.removed, body: '' }
  }
  const patch = before === undefined ? undefined : createMergePatch(before as object, after as object)
  if (before !== undefined && patch === undefined) return undefined
  const count = patches.get(key) ?? MAX_PATCHES
  if (patch === undefined || count >= MAX_PATCHES) {
    patches.set(key, 0)
    return { kind: VERSION_KIND.whole, body: JSON.stringify(after) }
  }
  patches.set(key, count + 1)
  return { kind: VERSION_KIND.patch, body: JSON.stringify(patch) }
}
