interface Positioned {
  readonly position: string
}

interface EntryPage<Entry> {
  readonly entries: readonly Entry[]
  readonly total: number
  /** Cursor of the next page; undefined after the last one. */
  readonly next: string | undefined
}

export type LoadEntries<Entry> = (after: string | undefined) => Promise<EntryPage<Entry>>

interface Part<Entry> {
  readonly load: LoadEntries<Entry>
  entries: readonly Entry[]
  total: number
  next: string | undefined
}

const byPosition = (one: Positioned, other: Positioned): number => (one.position < other.position ? -1 : 1)

const readNext = async <Entry>(part: Part<Entry>): Promise<void> => {
  const { entries, total, next } = await part.load(part.next)
  part.entries = [...part.entries, ...entries]
  part.total = total
  part.next = next
}

/** Undefined if all parts are whole. */
const furthestBehind = <Entry extends Positioned>(parts: readonly Part<Entry>[]): Part<Entry> | undefined => {
  const lastOf = ({ entries }: Part<Entry>): string => entries.at(-1)?.position ?? ''
  const open = parts.filter(({ next }) => next !== undefined)
  return open.reduce<Part<Entry> | undefined>(
    (best, part) => (best === undefined || lastOf(part) < lastOf(best) ? part : best),
    undefined,
  )
}

export const mergeEntries = async <Entry extends Positioned>(
  loads: readonly LoadEntries<Entry>[],
  most: number,
): Promise<{ readonly entries: readonly Entry[]; readonly total: number }> => {
  const parts = loads.map((load): Part<Entry> => ({ load, entries: [], total: 0, next: undefined }))
  await Promise.all(parts.map(readNext))
  for (let behind = furthestBehind(parts); behind !== undefined; behind = furthestBehind(parts)) {
    const known = behind.entries.at(-1)?.position ?? ''
    const ordered = (entries: readonly Entry[]): number => entries.filter(({ position }) => position <= known).length
    if (Number.isFinite(most) && parts.reduce((sum, { entries }) => sum + ordered(entries), 0) >= most) break
    await readNext(behind)
  }
  return {
    entries: parts
      .flatMap(({ entries }) => entries)
      .sort(byPosition)
      .slice(0, most),
    total: parts.reduce((sum, { total }) => sum + total, 0),
  }
}
