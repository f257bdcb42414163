import type { MultiKeyListenerStateFragment, StateChangeFragment } from '../api/generated.ts'
import { strategyText } from '../resources/strategy.ts'
import { attributeDifferences, type Difference, type State, stateDifferences } from './difference.ts'

export interface DifferenceTable {
  readonly caption: string
  readonly rows: readonly Difference[]
}

interface Named {
  readonly kind: string
  readonly name: string
}

interface StateDifference extends Named {
  readonly before: State | null
  readonly after: State | null
}

const keysWithConnector = ({ priority, weighted }: MultiKeyListenerStateFragment['status']['strategy']): string =>
  (priority?.routingKeysReachable ?? Object.keys(weighted?.routingKeysReachable ?? {})).join(', ')

const multiKeyState = (resource: MultiKeyListenerStateFragment | null | undefined): State | null =>
  resource
    ? {
        spec: {
          ...resource.spec,
          strategy: strategyText(resource.spec.strategy),
          'routing keys with a connector': keysWithConnector(resource.status.strategy),
        },
        status: resource.status,
      }
    : null

const statesOf = ({ listeners, multiKeyListeners }: StateChangeFragment): readonly StateDifference[] => [
  ...listeners.map(({ name, before, after }) => ({
    kind: 'Listener',
    name,
    before: before ?? null,
    after: after ?? null,
  })),
  ...multiKeyListeners.map(({ name, before, after }) => ({
    kind: 'MultiKeyListener',
    name,
    before: multiKeyState(before),
    after: multiKeyState(after),
  })),
]

const isListener = (subject: Named | undefined): subject is Named =>
  subject?.kind === 'Listener' || subject?.kind === 'MultiKeyListener'

/** @param subject a listener or MultiKeyListener, whose status alone is shown; others are of no effect */
export const tablesOf = (change: StateChangeFragment, subject?: Named): readonly DifferenceTable[] =>
  [
    ...statesOf(change)
      .filter(({ kind, name }) => !isListener(subject) || (kind === subject.kind && name === subject.name))
      .map(({ kind, name, before, after }) => ({
        caption: `${kind} ${name}`,
        rows: stateDifferences(before, after),
      })),
    ...change.added.map(({ type, name, attributes }) => ({
      caption: `Router configuration: ${type} ${name} added`,
      rows: attributeDifferences(undefined, attributes),
    })),
    ...change.removed.map(({ type, name, attributes }) => ({
      caption: `Router configuration: ${type} ${name} removed`,
      rows: attributeDifferences(attributes, undefined),
    })),
    ...change.changed.map(({ type, name, before, after }) => ({
      caption: `Router configuration: ${type} ${name}`,
      rows: attributeDifferences(before, after),
    })),
  ].filter(({ rows }) => rows.length > 0)
