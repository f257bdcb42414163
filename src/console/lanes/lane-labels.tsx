import type { ReadonlySignal } from '@preact/signals'
import { kindWords } from '../components/kind-words.ts'
import { StatusBadge, statusWords } from '../components/status.tsx'
import { formatDuration } from '../time/format-time.ts'
import { shownWindow } from '../time/log.ts'
import type { Lane } from './lane.ts'
import type { LaneStore } from './lane-store.ts'
import { CONDITION_HEIGHT, ROW_HEIGHT, type RowRange, topOf } from './row-layout.ts'
import { selectedKey, selectLane } from './selection.ts'
import type { LaneState } from './status/lane-states.ts'
import { outageInWindow } from './status/outage-in-window.ts'
import { useLaneStates } from './status/use-lane-states.ts'

const outageWords = (lane: Lane): string => {
  // Not followed: the lanes of each window are loaded, and labelled again.
  const window = shownWindow.peek()
  const { ms, isAtLeast } = window === undefined ? { ms: 0, isAtLeast: false } : outageInWindow(lane, window)
  return ms > 0 ? `, not Ready for ${isAtLeast ? 'at least ' : ''}${formatDuration(ms)} in this window` : ''
}

const onRowKey = (event: KeyboardEvent): void => {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const buttons = [...document.querySelectorAll<HTMLElement>('.lane-open')]
  const index = buttons.indexOf(event.target as HTMLElement)
  const next = buttons[index + (event.key === 'ArrowDown' ? 1 : -1)]
  if (index < 0 || next === undefined) return
  event.preventDefault()
  next.focus()
}

interface LabelProperties {
  readonly store: LaneStore
  readonly lane: Lane
  readonly top: number
  /** At the moment that the page shows; undefined until it is known. */
  readonly state: LaneState | undefined
}

const FoldButton = ({
  store,
  lane,
  isUnfolded,
}: Pick<LabelProperties, 'store' | 'lane'> & { readonly isUnfolded: boolean }) => (
  <button
    type="button"
    class="lane-fold quiet"
    aria-expanded={isUnfolded}
    aria-label={`Conditions of ${lane.name}`}
    title="Conditions"
    onClick={() => store.toggle(lane.key)}
  >
    {isUnfolded ? '▾' : '▸'}
  </button>
)

const LaneLabel = ({ store, lane, top, state }: LabelProperties) => {
  const isUnfolded = store.unfolded.value.has(lane.key)
  return (
    <li class="lane-label" style={{ top: `${top}px`, height: `${ROW_HEIGHT}px` }}>
      {lane.kind === 'Router' ? (
        <span class="lane-fold" />
      ) : (
        <FoldButton store={store} lane={lane} isUnfolded={isUnfolded} />
      )}
      <button
        type="button"
        class="lane-open quiet"
        aria-current={selectedKey.value === lane.key ? 'true' : undefined}
        onClick={() => selectLane(lane)}
        onKeyDown={onRowKey}
      >
        <span class={lane.kind === 'Router' ? 'lane-name lane-alone' : 'lane-name'}>
          <span class="visually-hidden">{lane.kind} </span>
          {lane.name}
          <span class="lane-kind" aria-hidden="true">
            {' '}
            {kindWords(lane.kind)}
          </span>
          <span class="visually-hidden"> in </span>
        </span>
        <span class="lane-place">
          {/* The router of a namespace has its name. */}
          <span class={lane.kind === 'Router' ? 'visually-hidden' : undefined}>{lane.namespace}</span>
          <span class="visually-hidden">
            {state && ` is ${statusWords(state.status, lane.kind)}`}
            {outageWords(lane)}
          </span>
          {state?.port !== undefined && <span class="lane-port">port {state.port}</span>}
        </span>
      </button>
      {state && <StatusBadge status={state.status} kind={lane.kind} />}
      {isUnfolded && (
        <ul class="lane-conditions" style={{ top: `${ROW_HEIGHT - 4}px` }}>
          {lane.conditions.map(({ type }) => (
            <li key={type} style={{ height: `${CONDITION_HEIGHT}px` }}>
              {type}
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

interface ListProperties {
  readonly store: LaneStore
  readonly rows: ReadonlySignal<RowRange>
}

export const LaneLabels = ({ store, rows }: ListProperties) => {
  const layout = store.layout.value
  const { first, end } = rows.value
  const stateOf = useLaneStates(store, rows)
  return (
    <ul class="lane-labels" aria-label="Resources">
      {Array.from({ length: end - first }, (_, offset) => {
        const index = first + offset
        const lane = store.lane(index)
        return (
          lane && (
            <LaneLabel key={lane.key} store={store} lane={lane} top={topOf(layout, index)} state={stateOf(lane)} />
          )
        )
      })}
    </ul>
  )
}
