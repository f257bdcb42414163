import { batch, computed } from '@preact/signals'
import { parameter, setParameter } from '../routes/navigation.ts'
import { filterParameters, type LaneFilter, parseFilter } from './filter.ts'

const text = computed(() => JSON.stringify(parseFilter(parameter)))

/** The filter in the address, so that a link shows the same lanes. */
export const addressedFilter = computed<LaneFilter>(() => JSON.parse(text.value))
/** May be no regular expression: the filter then selects every name. */
export const addressedName = computed(() => parameter('name') ?? '')
export const isTable = computed(() => parameter('view') === 'table')

export const chooseFilter = (filter: LaneFilter): void =>
  batch(() => {
    for (const [name, value] of Object.entries(filterParameters(filter))) setParameter(name, value)
  })

/** Whether the page shows events alone: on a phone, lanes take much of its height. */
export const areLanesFolded = computed(() => parameter('view') === 'events')

export const chooseView = (view: 'table' | 'events' | undefined): void => setParameter('view', view)
