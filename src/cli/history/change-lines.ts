import { printable } from '../../lib/printable.ts'
import type { ChangeFragment, ComparedListenerFragment } from '../client/generated.ts'
import { added, dim, heading, removed } from '../output/colour.ts'
import { humanize } from '../output/text.ts'
import type { EntityDifferences, ListenerDifference } from './changes.ts'
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

const listenerFields = (listener: ComparedListenerFragment | null): Fields => {
  if (listener === null) return NONE
  const { metadata, spec, status } = listener
  const conditions = status.conditions.map(
    ({ type, status, reason, message }) => [type, text(`${status} (${reason}): ${message}`)] as const,
  )
  const named = [...fieldsOf(spec)].map(([name, value]) => [humanize(name), value] as const)
  return new Map<string, string>([
    ['generation', String(metadata.generation)],
    ...named,
    ...mapFields('label', metadata.labels),
    ...mapFields('annotation', metadata.annotations),
    ...conditions,
    ['has matching connector', String(status.hasMatchingConnector)],
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

const listenerLines = ({ name, before, after }: ListenerDifference): string[] => {
  const how = before === null ? ' (new)' : after === null ? ' (gone)' : ''
  return titled(`listener ${name}${how}`, fieldLines(listenerFields(before), listenerFields(after)))
}

const entityLines = (differences: EntityDifferences): string[] => {
  const entity = ({ type, name }: { readonly type: string; readonly name: string }, how: string): string =>
    `${type} ${printable(name)}${how}`
  return [
    ...differences.removed.flatMap(gone =>
      titled(entity(gone, ' (gone)'), fieldLines(fieldsOf(gone.attributes), NONE)),
    ),
    ...differences.added.flatMap(came => titled(entity(came, ' (new)'), fieldLines(NONE, fieldsOf(came.attributes)))),
    ...differences.changed.flatMap(changed =>
      titled(entity(changed, ''), fieldLines(fieldsOf(changed.before), fieldsOf(changed.after))),
    ),
  ]
}

export const differenceLines = (listeners: readonly ListenerDifference[], entities: EntityDifferences): string[] => [
  ...listeners.flatMap(listenerLines),
  ...titled('router configuration', entityLines(entities)),
]

export const changeLines = (change: ChangeFragment): string[] => {
  const { event } = change
  const what = changeText(event)
  const differences = differenceLines(change.listeners, change)
  return [
    `${heading(`${event.time}  ${event.type} ${printable(resourceOf(event))}`)}${what === '' ? '' : `: ${printable(what)}`}`,
    dim(`position ${positionText(event.position)}, by ${printable(event.actor)}`),
    ...(differences.length === 0 ? [dim('  nothing that is shown')] : differences.map(line => `  ${line}`)),
  ]
}
