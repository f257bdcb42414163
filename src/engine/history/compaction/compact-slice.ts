import type { KeptHistory } from '../../read-models/persistence/kept-history.ts'
import type { RowKey, VersionTrimmer } from './trim-versions.ts'

const MOST_KEYS = 500
const MOST_VERSIONS = 5000

export interface SliceRequest {
  readonly kept: KeptHistory
  /** `next` of the slice before; 0 for the first. */
  readonly after: number
  readonly isDryRun: boolean
}

export interface CompactedSlice {
  readonly versions: number
  readonly bytes: number
  readonly done: number
  readonly total: number
  /** Undefined after the last slice. */
  readonly next: number | undefined
}

export const compactSlice = (
  trimmer: VersionTrimmer,
  { kept, after }: SliceRequest,
  remove: (row: RowKey, before: number) => void,
): CompactedSlice => {
  const total = trimmer.lastId
  const rows = trimmer.keys(after, MOST_KEYS)
  let [versions, bytes, last] = [0, 0, after]
  for (const row of rows) {
    const found = trimmer.removable(row.id, kept.position)
    last = row.id
    if (found === undefined) continue
    versions += found.versions
    bytes += found.bytes
    remove(row, found.before)
    if (versions >= MOST_VERSIONS) break
  }
  const isLast = last >= total || rows.length === 0
  return { versions, bytes, done: last, total, next: isLast ? undefined : last }
}
