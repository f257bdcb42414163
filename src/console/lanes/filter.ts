import type { Subject } from '../events/describe-event.ts'
import { LANE_KINDS, type Lane } from './lane.ts'

export interface LaneFilter {
  readonly name: string
  readonly namespace: string
  readonly status: NonNullable<Lane['status']> | ''
  readonly wasNotReady: boolean
  readonly kinds: readonly Lane['kind'][]
  readonly order: 'Name' | 'NotReady'
}

export const NO_FILTER: LaneFilter = {
  name: '',
  namespace: '',
  status: '',
  wasNotReady: false,
  kinds: [],
  order: 'Name',
}

const STATUSES = ['Ready', 'Pending', 'Error', 'Unknown', 'NotObserved'] as const

/** Whether a text is a regular expression; the server decides finally, with a smaller syntax. */
export const isRegularExpression = (text: string): boolean => {
  try {
    new RegExp(text, 'v')
    return true
  } catch {
    return false
  }
}

export const exactly = (name: string): string => `^${name.replaceAll('.', '\\.')}$`

/** The filter in an address; what cannot be read there selects everything. */
export const parseFilter = (parameter: (name: string) => string | undefined): LaneFilter => {
  const name = parameter('name') ?? ''
  const kind = LANE_KINDS.find(each => each === parameter('kind'))
  return {
    name: isRegularExpression(name) ? name : '',
    namespace: parameter('namespace') ?? '',
    status: STATUSES.find(each => each === parameter('status')) ?? '',
    wasNotReady: parameter('was') === 'not-ready',
    kinds: kind === undefined ? [] : [kind],
    order: parameter('order') === 'worst' ? 'NotReady' : 'Name',
  }
}

export const filterParameters = (filter: LaneFilter): Readonly<Record<string, string | undefined>> => ({
  name: filter.name || undefined,
  namespace: filter.namespace || undefined,
  kind: filter.kinds[0],
  status: filter.status || undefined,
  was: filter.wasNotReady ? 'not-ready' : undefined,
  order: filter.order === 'NotReady' ? 'worst' : undefined,
})

/** Undefined stands for no resource. */
export const selectsSubject = ({ name, namespace, kinds }: LaneFilter, subject: Subject | undefined): boolean => {
  if (subject === undefined) return name === '' && namespace === '' && kinds.length === 0
  return (
    new RegExp(name, 'v').test(subject.name) &&
    (namespace === '' || namespace === subject.namespace) &&
    (kinds.length === 0 || kinds.some(kind => kind === subject.kind))
  )
}
