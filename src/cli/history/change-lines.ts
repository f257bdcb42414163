import { printable } from '../../lib/printable.ts'
import type { ChangeFragment, ComparedListenerFragment, ComparedMultiKeyListenerFragment } from '../client/generated.ts'
import { added, dim, heading, removed } from '../output/colour.ts'
import { humanize } from '../output/text.ts'
import { listeners } from '../resources/listeners.ts'
import { multiKeyListeners } from '../resources/multi-key-listeners.ts'
import { singular } from '../resources/resource.ts'
import { reachableKeysText, routingKeysText } from '../resources/strategy.ts'
import type { EntityDifferences, ResourceDifferences } from './changes.ts'
import { changeText, positionText, resourceOf } from './event-text.ts'

type Fields = ReadonlyMap<string, string>

const NONE: Fields = new Map()

const text = (value: unknown): string => printable(typeof value === 'string' ? value : JSON.stringify(value))

const fieldsOf = (values: unknown): Fields =>
  new Map(
    Object.entries(values ?? {})
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [name, text(value)]),
  )

const mapFields = (what: string, values: unknown): [string, string][] =>
  [...fieldsOf(values)].map(([key, value]) => [`${what} ${key}`, value])

type Compared = ComparedListenerFragment | ComparedMultiKeyListenerFragment

const conditionFields = ({ conditions }: Compared['status']): [string, string][] =>
  conditions.map(({ type, status, reason, message }) => [type, text(`${status} (${reason}): ${message}`)])

const specFields = (spec: object): [string, string][] => {
  const { strategy, ...others } = spec as { readonly strategy?: object }
  const fields = [...fieldsOf(others)].map(([name, value]): [string, string] => [humanize(name), value])
  return strategy === undefined ? fields : [['routing keys', text(routingKeysText(strategy))], ...fields]
}

const matchFields = ({ status }: Compared): [string, string][] =>
  'hasMatchingConnector' in status
    ? [['has matching connector', String(status.hasMatchingConnector)]]
    : [
        ['has destination', String(status.hasDestination)],
        ['reachable routing keys', text(reachableKeysText(status.strategy))],
      ]

const resourceFields = (resource: Compared | null): Fields => {
  if (resource === null) return NONE
  const { metadata, spec, status } = resource
  return new Map<string, string>([
    ['generation', String(metadata.generation)],
    ...specFields(spec),
    ...mapFields('label', metadata.labels),
    ...mapFields('annotation', metadata.annotations),
    ...conditionFields(status),
    ...matchFields(resource),
    ['status', status.status],
  ])
}

const fieldLines = (before: Fields, after: Fields): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].flatMap(name => {
    const [then, now] = [before.get(name), after.get(name)]
    if (then === now) return []
    return [
      ...(then === undefined ? [] : [removed(`- ${name}: ${then}`)]),
      ...(now === undefined ? [] : [added(`+ ${name}: ${now}`)]),
    ]
  })

/** Lines such as `- port: 80` and `+ port: 81`. */
export const fieldDifferences = (before: unknown, after: unknown): string[] =>
  fieldLines(fieldsOf(before), fieldsOf(after))

const indented = (lines: readonly string[], by: number): string[] => lines.map(line => `${' '.repeat(by)}${line}`)

const titled = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [title, ...indented(lines, 2)]

interface Difference {
  readonly name: string
  readonly before: Compared | null
  readonly after: Compared | null
}

const resourceLines = (
  kind: typeof listeners | typeof multiKeyListeners,
  { name, before, after }: Difference,
): string[] => {
  const how = before === null ? ' (new)' : after === null ? ' (deleted)' : ''
  return titled(`${singular(kind)} ${name}${how}`, fieldLines(resourceFields(before), resourceFields(after)))
}

const entityLines = (differences: EntityDifferences): string[] => {
  const entity = ({ type, name }: { readonly type: string; readonly name: string }, how: string): string =>
    `${type} ${printable(name)}${how}`
  return [
    ...differences.removed.flatMap(deleted =>
      titled(entity(deleted, ' (deleted)'), fieldLines(fieldsOf(deleted.attributes), NONE)),
    ),
    ...differences.added.flatMap(added =>
      titled(entity(added, ' (new)'), fieldLines(NONE, fieldsOf(added.attributes))),
    ),
    ...differences.changed.flatMap(changed =>
      titled(entity(changed, ''), fieldLines(fieldsOf(changed.before), fieldsOf(changed.after))),
    ),
  ]
}

export const differenceLines = (
  { listeners: single, multiKeyListeners: multiKey }: ResourceDifferences,
  entities: EntityDifferences,
): string[] => [
  ...single.flatMap(difference => resourceLines(listeners, difference)),
  ...multiKey.flatMap(difference => resourceLines(multiKeyListeners, difference)),
  ...titled('router configuration', entityLines(entities)),
]

export const changeLines = (change: ChangeFragment): string[] => {
  const { event } = change
  const what = changeText(event)
  const differences = differenceLines(change, change)
  return [
    `${heading(`${event.time}  ${event.type} ${printable(resourceOf(event))}`)}${what === '' ? '' : `: ${printable(what)}`}`,
    dim(`position ${positionText(event.position)}, by ${printable(event.actor)}`),
    ...(differences.length === 0 ? [dim('  nothing that is shown')] : differences.map(line => `  ${line}`)),
  ]
}
