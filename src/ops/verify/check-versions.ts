import { hash } from 'node:crypto'
import type { Change, TableDefinition } from '../../../projections/kit/table.ts'
import { canonicalJson } from '../../../schemas/canonical-json.ts'
import type { HarkEvent } from '../../../schemas/events/events.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { MAX_PATCHES } from '../../engine/history/pending-versions.ts'
import { type RowVersion, type StoredVersion, VERSION_KIND } from '../../engine/history/row-version.ts'
import type { VersionStore } from '../../engine/history/version-store.ts'
import type { Finding } from '../../integrity/verify/finding.ts'
import { applyMergePatch, createMergePatch } from '../../lib/json-merge-patch.ts'

type Sum = string

const NOTHING: Sum = ''
/** Of a row whose first version is missing. */
const REMOVED: Sum = 'removed'

const added = (sum: Sum, { position, time, type }: Omit<RowVersion, 'kind' | 'body'>, row: object | undefined): Sum =>
  hash('sha256', `${sum}${position} ${time} ${type} ${row === undefined ? '' : canonicalJson(row)}`, 'base64')

/** No log leads to these versions. */
class Unsound extends Error {}

class StoredVersions {
  sum: Sum = NOTHING
  #row: object | undefined
  #patches = 0

  add(version: StoredVersion): void {
    this.#row = this.#rowOf(version)
    this.sum = added(this.sum, version, this.#row)
  }

  #rowOf({ kind, body }: RowVersion): object | undefined {
    if (kind === VERSION_KIND.removed) {
      if (body !== '') throw new Unsound('a version that removes it has a body')
      return undefined
    }
    if (kind === VERSION_KIND.whole) {
      this.#patches = 0
      return JSON.parse(body)
    }
    if (kind !== VERSION_KIND.patch) throw new Unsound(`a version is of the unknown kind ${kind}`)
    this.#patches += 1
    if (this.#row === undefined) throw new Unsound('a patch follows no row')
    if (this.#patches > MAX_PATCHES) throw new Unsound(`more than ${MAX_PATCHES} patches follow one another`)
    return applyMergePatch(this.#row, JSON.parse(body))
  }
}

export interface CompactedHistory {
  readonly begin: Position
  first(scope: string, key: string): Position | undefined
}

interface ExpectedFilings {
  readonly scope: string
  readonly key: string
  /** Pairs of an index and a value, as JSON. */
  readonly current: Set<string>
  readonly old: Set<string>
}

const pair = (index: string, value: string): string => JSON.stringify([index, value])

/** One hash a row, whatever the number of versions. */
export class VersionCheck {
  readonly #compacted: CompactedHistory | undefined
  readonly #sums = new Map<string, Map<string, Sum>>()
  readonly #filings = new Map<string, ExpectedFilings>()

  /** @param compacted undefined for a whole history */
  constructor(compacted?: CompactedHistory) {
    this.#compacted = compacted
  }

  expect(scope: string): void {
    this.#sums.set(scope, new Map())
  }

  note<Row extends object>(
    scope: string,
    { indexes = {}, history }: TableDefinition<Row>,
    { position, time, type }: HarkEvent,
    { key, before, after }: Pick<Change<{ row: Row }>, 'key' | 'before' | 'after'>,
  ): void {
    for (const index of after === undefined ? [] : (history?.indexes ?? [])) {
      const value = indexes[index]?.(after as Row)
      if (value !== undefined) this.#filingsOf(scope, key).current.add(pair(index, value))
    }
    if (before !== undefined && after !== undefined && createMergePatch(before, after) === undefined) return
    const sums = this.#sums.get(scope)
    const first = this.#compacted?.first(scope, key)
    if (this.#isRemoved(position, first)) {
      sums?.set(key, REMOVED)
      if (after === undefined) this.#remove(scope, key)
      return
    }
    const at = { position, time: Date.parse(time), type }
    const sum = position === first ? NOTHING : (sums?.get(key) ?? NOTHING)
    sums?.set(key, added(sum, at, after))
  }

  #isRemoved(position: Position, first: Position | undefined): boolean {
    if (this.#compacted === undefined || position > this.#compacted.begin) return false
    return first === undefined || position < first
  }

  #remove(scope: string, key: string): void {
    this.#sums.get(scope)?.delete(key)
    const { current, old } = this.#filingsOf(scope, key)
    for (const filing of current) old.add(filing)
    current.clear()
  }

  #filingsOf(scope: string, key: string): ExpectedFilings {
    const row = pair(scope, key)
    const known = this.#filings.get(row) ?? { scope, key, current: new Set(), old: new Set() }
    this.#filings.set(row, known)
    return known
  }

  /** Call once. @param isLookedAt excludes tables of other versions of Hark */
  *findings(database: VersionStore, isLookedAt: (scope: string) => boolean): Iterable<Finding | undefined> {
    let row: { readonly scope: string; readonly key: string; versions: StoredVersions | string } | undefined
    for (const stored of database.allVersions()) {
      if (row?.scope !== stored.scope || row.key !== stored.key) {
        yield this.#compared(row, isLookedAt)
        row = { scope: stored.scope, key: stored.key, versions: new StoredVersions() }
      }
      if (typeof row.versions === 'string') continue
      try {
        row.versions.add(stored)
      } catch (error) {
        row.versions = error instanceof Unsound ? error.message : 'a version of it cannot be read'
      }
    }
    yield this.#compared(row, isLookedAt)
    for (const [scope, sums] of this.#sums)
      for (const key of sums.keys()) yield { place: `${scope} ${key}`, fault: 'its history is missing' }
    const orphans = database.orphans()
    if (orphans > 0) yield { place: 'the history', fault: `${orphans} entries belong to no row` }
    yield* this.#filingFindings(database, isLookedAt)
  }

  #compared(
    row: { readonly scope: string; readonly key: string; readonly versions: StoredVersions | string } | undefined,
    isLookedAt: (scope: string) => boolean,
  ): Finding | undefined {
    if (row === undefined || !isLookedAt(row.scope)) return undefined
    const { scope, key, versions } = row
    const sums = this.#sums.get(scope)
    const expected = sums?.get(key)
    sums?.delete(key)
    const place = `${scope} ${key}`
    if (expected === undefined) return { place, fault: 'no event of the log leads to such a row' }
    if (typeof versions === 'string') return { place, fault: `its history is damaged: ${versions}` }
    return versions.sum === expected ? undefined : { place, fault: 'its history does not follow from the log' }
  }

  *#filingFindings(database: VersionStore, isLookedAt: (scope: string) => boolean): Iterable<Finding | undefined> {
    for (const { scope, index, value, key } of database.allFilings()) {
      const expected = this.#filings.get(pair(scope, key))
      const filing = pair(index, value)
      const isExpected = expected !== undefined && (expected.current.delete(filing) || expected.old.has(filing))
      const isWrong = !isExpected && isLookedAt(scope)
      yield isWrong
        ? { place: `${scope} ${key}`, fault: `the index ${index} lists it under ${value}, a value that it never had` }
        : undefined
    }
    for (const { scope, key, current } of this.#filings.values()) {
      for (const missing of current) {
        const [index, value] = JSON.parse(missing) as [string, string]
        yield { place: `${scope} ${key}`, fault: `the index ${index} does not list it under ${value}` }
      }
    }
  }
}
