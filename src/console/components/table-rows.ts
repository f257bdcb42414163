export interface Sortable<Row> {
  readonly key: string
  readonly value: (row: Row) => string | number
}

export interface Order {
  readonly key: string
  readonly isDescending: boolean
}

const compare = (one: string | number, other: string | number): number => (one < other ? -1 : one > other ? 1 : 0)

export const searchRows = <Row>(
  rows: readonly Row[],
  columns: readonly Sortable<Row>[],
  search: string,
): readonly Row[] => {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '')
  if (words.length === 0) return rows
  return rows.filter(row => {
    const text = columns.map(({ value }) => String(value(row)).toLowerCase()).join('\n')
    return words.every(word => text.includes(word))
  })
}

export const sortRows = <Row>(
  rows: readonly Row[],
  columns: readonly Sortable<Row>[],
  order: Order | undefined,
): readonly Row[] => {
  const column = columns.find(({ key }) => key === order?.key)
  if (order === undefined || column === undefined) return rows
  const sign = order.isDescending ? -1 : 1
  return rows.toSorted((one, other) => sign * compare(column.value(one), column.value(other)))
}

export const nextOrder = (order: Order | undefined, key: string): Order | undefined => {
  if (order?.key !== key) return { key, isDescending: false }
  return order.isDescending ? undefined : { key, isDescending: true }
}
