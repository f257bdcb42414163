import TinyQueue from 'tinyqueue'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { type Mark, positionAt, versionAt } from './version-codec.ts'
import { placesIn, type VersionDatabase } from './version-store.ts'

/** Rows of one table: one, or those that an index files under a value, or all whose keys begin alike. */
export type RowSelection =
  | { readonly key: string }
  | { readonly prefix: string }
  | { readonly index: string; readonly value: string }

/** A selection where the rows stand on disk. */
export interface SelectedRows {
  readonly scope: string
  readonly rows: RowSelection
}

/** Changes of rows in order of position, in columns: a thread hands over few long texts far faster than many short ones. */
export interface ChangeColumns {
  readonly positions: Float64Array
  readonly times: Float64Array
  /** Which of the selections a row is of. */
  readonly selections: Uint8Array
  readonly marks: Uint8Array
  /** One a line. */
  readonly keys: string
  readonly types: string
  readonly bodies: string
  /** Everything up to here is among these. */
  readonly through: Position
}

/** The next version of one row. */
interface Cursor {
  readonly selection: number
  readonly key: string
  readonly block: Buffer
  readonly place: number
  readonly position: Position
  readonly rest: Iterator<readonly [Buffer, number]>
}

export const keysOf = (versions: VersionDatabase, { scope, rows }: SelectedRows): readonly string[] => {
  if ('key' in rows) return [rows.key]
  return 'prefix' in rows ? versions.keys(scope, rows.prefix) : versions.keysFiled(scope, rows.index, rows.value)
}

function* placesAfter(blocks: Iterable<Buffer>, after: Position): Generator<readonly [Buffer, number]> {
  for (const block of blocks) {
    for (const place of placesIn(block)) if (positionAt(block, place) > after) yield [block, place]
  }
}

const advanced = ({ selection, key, rest }: Pick<Cursor, 'selection' | 'key' | 'rest'>): Cursor | undefined => {
  const { value, done } = rest.next()
  if (done) return undefined
  const [block, place] = value
  return { selection, key, rest, block, place, position: positionAt(block, place) }
}

/**
 * What became of rows after a position and up to another: at least `most` versions where there are so many, and those of
 * an event never in part.
 */
export const changesBetween = (
  versions: VersionDatabase,
  selected: readonly SelectedRows[],
  { after, to, most }: { readonly after: Position; readonly to: Position; readonly most: number },
): ChangeColumns => {
  const cursors: Cursor[] = []
  for (const [selection, rows] of selected.entries()) {
    for (const key of keysOf(versions, rows)) {
      const rest = placesAfter(versions.blocks(rows.scope, key, after, to), after)
      const cursor = advanced({ selection, key, rest })
      if (cursor !== undefined) cursors.push(cursor)
    }
  }
  const queue = new TinyQueue(cursors, (one, other) => one.position - other.position || one.selection - other.selection)
  const taken: { readonly selection: number; readonly key: string; readonly cursor: Cursor }[] = []
  let through = to
  for (let next = queue.pop(); next !== undefined && next.position <= to; next = queue.pop()) {
    const last = taken.at(-1)?.cursor.position
    if (taken.length >= most && last !== undefined && next.position !== last) {
      through = last
      break
    }
    taken.push({ selection: next.selection, key: next.key, cursor: next })
    const following = advanced(next)
    if (following !== undefined) queue.push(following)
  }
  const read = taken.map(({ cursor: { block, place } }) => versionAt(block, place))
  return {
    positions: Float64Array.from(read, ({ position }) => position),
    times: Float64Array.from(read, ({ time }) => time),
    selections: Uint8Array.from(taken, ({ selection }) => selection),
    marks: Uint8Array.from(read, ({ mark }) => mark),
    keys: taken.map(({ key }) => key).join('\n'),
    types: read.map(({ type }) => type).join('\n'),
    bodies: read.map(({ body }) => body).join('\n'),
    through,
  }
}

/** A version of a row and whose it is. */
export interface RowChange {
  readonly position: Position
  /** In milliseconds since 1970. */
  readonly time: number
  readonly type: string
  readonly selection: number
  readonly key: string
  readonly mark: Mark
  readonly body: string
}

export function* fromChangeColumns(columns: ChangeColumns): Iterable<RowChange> {
  const [keys, types, bodies] = [columns.keys.split('\n'), columns.types.split('\n'), columns.bodies.split('\n')]
  for (const [row, position] of columns.positions.entries()) {
    yield {
      position,
      time: columns.times[row] as number,
      type: types[row] as string,
      selection: columns.selections[row] as number,
      key: keys[row] as string,
      mark: columns.marks[row] as Mark,
      body: bodies[row] as string,
    }
  }
}
