import type { HistoryDatabase } from '../../engine/history/history-database.ts'
import { type StoredVersion, VERSION_KIND } from '../../engine/history/row-version.ts'
import { decodeEntries, emptyColumns } from '../../engine/overview/lane-entries.ts'
import { type LaneState, NO_RESOURCE } from '../../engine/overview/lane-status.ts'
import { hasLane, nextLaneState } from '../../engine/overview/lane-store.ts'
import type { Finding } from '../../integrity/verify/finding.ts'

class ExpectedLane {
  readonly scope: string
  readonly key: string
  readonly entries: string[] = []
  readonly first: number
  last = 0
  wasRemoved = 0
  state: LaneState = NO_RESOURCE
  #time = Number.NEGATIVE_INFINITY

  constructor({ scope, key, position }: StoredVersion) {
    this.scope = scope
    this.key = key
    this.first = position
  }

  add(version: StoredVersion): void {
    this.state = nextLaneState(this.state, version)
    this.#time = Math.max(this.#time, version.time)
    this.last = version.position
    if (version.kind === VERSION_KIND.removed) this.wasRemoved = 1
    const { codes, message } = this.state
    this.entries.push(entryText(version.position, this.#time, version.type, codes, message))
  }
}

const entryText = (...parts: readonly (number | string | undefined)[]): string => JSON.stringify(parts)

const entriesOf = ({ lanes }: HistoryDatabase, rows: Iterable<{ first: number; entries: Uint8Array }>): string[] => {
  const entries: string[] = []
  for (const { first, entries: bytes } of rows) {
    const columns = emptyColumns()
    decodeEntries(bytes, columns)
    if (columns.position[0] !== first) throw new Error('the position of a row is not that of its first entry')
    for (let place = 0; place < columns.length; place += 1) {
      const [position, time, codes] = [columns.position[place], columns.time[place], columns.codes[place]]
      const [type, message] = [columns.type[place] as number, columns.message[place] as number]
      entries.push(entryText(position, time, lanes.text(type), codes, lanes.text(message)))
    }
  }
  return entries
}

const isAsExpected = (database: HistoryDatabase, expected: ExpectedLane): boolean => {
  const stored = database.lanes.stored(expected.scope, expected.key)
  if (stored === undefined) return false
  const { first, last, codes, wasRemoved, rows } = stored
  if (first !== expected.first || last !== expected.last || wasRemoved !== expected.wasRemoved) return false
  if (codes !== expected.state.codes) return false
  try {
    return entriesOf(database, rows).join() === expected.entries.join()
  } catch {
    return false
  }
}

/** Versions are compared with the log elsewhere. Yields once a row. */
export function* laneFindings(database: HistoryDatabase): Iterable<Finding | undefined> {
  let lane: ExpectedLane | undefined
  let count = 0
  const compared = (): Finding | undefined => {
    if (lane === undefined) return undefined
    count += 1
    const place = `${lane.scope} ${lane.key}`
    return isAsExpected(database, lane) ? undefined : { place, fault: 'its lane does not follow from its history' }
  }
  for (const version of database.versions.allVersions()) {
    if (!hasLane(version.scope)) continue
    if (lane?.scope !== version.scope || lane.key !== version.key) {
      yield compared()
      lane = new ExpectedLane(version)
    }
    try {
      lane.add(version)
    } catch {
      // The check of versions reports it.
    }
  }
  yield compared()
  const surplus = database.lanes.size() - count + database.lanes.orphans()
  if (surplus !== 0) yield { place: 'the lanes', fault: `${Math.abs(surplus)} entries belong to no row` }
}
