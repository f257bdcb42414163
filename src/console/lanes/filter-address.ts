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

export const chooseTable = (isChosen: boolean): void => setParameter('view', isChosen ? 'table' : undefined)
