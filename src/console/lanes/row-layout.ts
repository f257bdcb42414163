export const ROW_HEIGHT = 40
export const CONDITION_HEIGHT = 22

interface RowLayout {
  readonly count: number
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

export interface RowRange {
  readonly first: number
  readonly end: number
}

export const rowsIn = (layout: RowLayout, top: number, height: number): RowRange => {
  if (layout.count === 0) return { first: 0, end: 0 }
  return { first: rowAt(layout, top), end: rowAt(layout, top + height) + 1 }
}
