export const ROW_HEIGHT = 40
export const CONDITION_HEIGHT = 22

/** Rows of a list of which some are unfolded. */
export interface RowLayout {
  readonly count: number
  /** Heights that unfolded rows have beyond the usual, by their index, in ascending order. */
  readonly extra: ReadonlyMap<number, number>
}

export const layoutOf = (count: number, extra: Iterable<readonly [index: number, height: number]>): RowLayout => ({
  count,
  extra: new Map([...extra].sort(([one], [other]) => one - other)),
})

export const topOf = ({ extra }: RowLayout, index: number): number => {
  let top = index * ROW_HEIGHT
  for (const [row, height] of extra) {
    if (row >= index) break
    top += height
  }
  return top
}

export const totalHeight = (layout: RowLayout): number => topOf(layout, layout.count)

/** Index of the row at a height; between 0 and the last row. */
export const rowAt = (layout: RowLayout, y: number): number => {
  let low = 0
  let high = Math.max(layout.count - 1, 0)
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (topOf(layout, middle) <= y) low = middle
    else high = middle - 1
  }
  return low
}

/** First row, and the row after the last one. */
export interface RowRange {
  readonly first: number
  readonly end: number
}

/** The rows in a part of the list. */
export const rowsIn = (layout: RowLayout, top: number, height: number): RowRange => {
  if (layout.count === 0) return { first: 0, end: 0 }
  return { first: rowAt(layout, top), end: rowAt(layout, top + height) + 1 }
}
