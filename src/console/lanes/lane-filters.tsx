import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { namespaces } from '../api/viewer.ts'
import { Toggle } from '../components/toggle.tsx'
import { isRegularExpression, type LaneFilter } from './filter.ts'
import { addressedName, chooseFilter } from './filter-address.ts'
import type { LaneStore } from './lane-store.ts'

const STATUSES = [
  ['', 'Any status'],
  ['Ready', 'Ready'],
  ['Pending', 'Pending'],
  ['Error', 'Error'],
  ['Unknown', 'Unknown'],
  ['NotObserved', 'Not observed'],
] as const

const KINDS = [
  ['', 'All kinds'],
  ['Listener', 'Listeners'],
  ['Connector', 'Connectors'],
  ['MultiKeyListener', 'MultiKeyListeners'],
  ['Router', 'Routers'],
] as const

interface ChoiceProperties {
  readonly label: string
  readonly value: string
  readonly options: readonly (readonly [string, string])[]
  readonly onChoice: (value: string) => void
}

const Choice = ({ label, value, options, onChoice }: ChoiceProperties) => (
  <select aria-label={label} value={value} onChange={event => onChoice(event.currentTarget.value)}>
    {options.map(([option, words]) => (
      <option key={option} value={option}>
        {words}
      </option>
    ))}
  </select>
)

export const LaneFilters = ({ store }: { readonly store: LaneStore }) => {
  const filter = store.filter.value
  const name = addressedName.value
  /** May be no regular expression, unlike the name in the filter. */
  const draft = useSignal(name)
  const isInvalid = !isRegularExpression(draft.value)
  useEffect(() => {
    draft.value = name
  }, [name])
  const change = (part: Partial<LaneFilter>): void => chooseFilter({ ...store.filter.peek(), ...part })
  const onName = (name: string): void => {
    draft.value = name
    if (isRegularExpression(name)) change({ name })
  }
  return (
    <form class="lane-filters" aria-label="Lanes" onSubmit={event => event.preventDefault()}>
      <input
        type="search"
        aria-label="Name (regular expression)"
        placeholder="Name"
        title={isInvalid ? 'Not a regular expression: it does not select' : 'A regular expression'}
        aria-invalid={isInvalid}
        value={draft.value}
        onInput={event => onName(event.currentTarget.value)}
      />
      <Choice
        label="Namespace"
        value={filter.namespace}
        options={[['', 'All namespaces'], ...namespaces.value.map(name => [name, name] as const)]}
        onChoice={namespace => change({ namespace })}
      />
      <Choice
        label="Kind"
        value={filter.kinds[0] ?? ''}
        options={KINDS}
        onChoice={kind => change({ kinds: kind === '' ? [] : [kind as LaneFilter['kinds'][number]] })}
      />
      <Choice
        label="Status"
        value={filter.status}
        options={STATUSES}
        onChoice={status => change({ status: status as LaneFilter['status'] })}
      />
      <Toggle
        words="Was not Ready"
        title="Only what was not Ready in this window"
        isOn={filter.wasNotReady}
        onToggle={() => change({ wasNotReady: !filter.wasNotReady })}
      />
      <Toggle
        words="Worst first"
        title="Sorted by the time not Ready"
        isOn={filter.order === 'NotReady'}
        onToggle={() => change({ order: filter.order === 'NotReady' ? 'Name' : 'NotReady' })}
      />
    </form>
  )
}
