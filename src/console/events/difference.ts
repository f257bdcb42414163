export interface Difference {
  readonly field: string
  readonly before: string | undefined
  readonly after: string | undefined
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

/** Of a resource; fields of the spec are shown by their names. */
export interface State {
  readonly spec: object
  readonly status: {
    readonly laneStatus: string
    readonly hasMatchingConnector?: boolean
    readonly conditions: readonly Condition[]
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === ''

export const attributeDifferences = (before: unknown, after: unknown): readonly Difference[] => {
  const [one, other] = [before ?? {}, after ?? {}] as Readonly<Record<string, unknown>>[]
  return [...new Set([...Object.keys(one ?? {}), ...Object.keys(other ?? {})])].flatMap(field => {
    const [from, to] = [one?.[field], other?.[field]].map(value => (isEmpty(value) ? undefined : text(value)))
    return from === to ? [] : [{ field, before: from, after: to }]
  })
}

/** Fields that changed in the same way share a row. */
export const mergeRows = (rows: readonly Difference[]): readonly Difference[] =>
  [...Map.groupBy(rows, ({ before, after }) => JSON.stringify([before, after])).values()].map(same => ({
    before: same[0]?.before,
    after: same[0]?.after,
    field: same.map(({ field }) => field).join(', '),
  }))

const conditionText = ({ status, reason, message }: Condition): string =>
  status === 'True' ? 'True' : `${status} (${reason})${message === '' ? '' : `: ${message}`}`

const summary = (state: State | null): Readonly<Record<string, unknown>> =>
  state === null
    ? {}
    : {
        ...state.spec,
        status: state.status.laneStatus,
        ...Object.fromEntries(state.status.conditions.map(condition => [condition.type, conditionText(condition)])),
        ...(state.status.hasMatchingConnector !== undefined && {
          'has a matching connector': state.status.hasMatchingConnector ? 'yes' : 'no',
        }),
      }

export const stateDifferences = (before: State | null, after: State | null): readonly Difference[] => {
  const all = attributeDifferences(summary(before), summary(after))
  return [...all.filter(({ field }) => field === 'status'), ...all.filter(({ field }) => field !== 'status')]
}
