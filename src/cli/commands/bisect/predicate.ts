import { InvalidArgumentError } from 'commander'
import { CONDITION_TYPES, CONDITIONS } from '../../../../schemas/resources/conditions.ts'
import type { ComparedListenerFragment, ComparedMultiKeyListenerFragment } from '../../client/generated.ts'
import { usageError } from '../../errors.ts'
import { multiKeyListeners } from '../../resources/multi-key-listeners.ts'
import { type ResourceKind, singular } from '../../resources/resource.ts'
import { reachableKeysText, routingKeysText } from '../../resources/strategy.ts'

type Value = string | number | boolean | undefined
type Operator = '=' | '!=' | '>' | '>=' | '<' | '<='
export type Compared = ComparedListenerFragment | ComparedMultiKeyListenerFragment
type Kind = Pick<ResourceKind, 'kind'>

export interface Predicate {
  readonly text: string
  readonly field: string
  holds(resource: Compared | null): boolean
  readonly isMonotonic: boolean
}

interface Field {
  readonly name: string
  readonly value: (resource: Compared) => Value
}

const condition = (type: string): readonly Field[] =>
  (['status', 'reason', 'message'] as const).map(part => ({
    name: part === 'status' ? type.toLowerCase() : `${type.toLowerCase()}.${part}`,
    value: ({ status }) => status.conditions.find(candidate => candidate.type === type)?.[part],
  }))

const property = (name: string): Field => ({
  name,
  value: ({ spec }) => (spec as Readonly<Record<string, Value | null>>)[name] ?? undefined,
})

const COMMON: readonly Field[] = [
  { name: 'status', value: ({ status }) => status.status },
  { name: 'generation', value: ({ metadata }) => metadata.generation },
  { name: 'uid', value: ({ metadata }) => metadata.uid },
  ...['host', 'port', 'tlsCredentials'].map(property),
]

const OF_LISTENERS: readonly Field[] = [
  {
    name: 'hasMatchingConnector',
    value: ({ status }) => ('hasMatchingConnector' in status ? status.hasMatchingConnector : undefined),
  },
  ...['routingKey', 'exposePodsByName'].map(property),
]

const OF_MULTI_KEY_LISTENERS: readonly Field[] = [
  {
    name: 'hasDestination',
    value: ({ status }) => ('hasDestination' in status ? status.hasDestination : undefined),
  },
  { name: 'routingKeys', value: ({ spec }) => ('strategy' in spec ? routingKeysText(spec.strategy) : undefined) },
  {
    name: 'routingKeysReachable',
    value: ({ status }) => ('strategy' in status ? reachableKeysText(status.strategy) : undefined),
  },
  ...['observer', 'requireClientCert'].map(property),
]

const fieldsOf = ({ kind }: Kind): readonly Field[] =>
  kind === multiKeyListeners.kind
    ? [...CONDITIONS.MultiKeyListener.flatMap(condition), ...COMMON, ...OF_MULTI_KEY_LISTENERS]
    : [...CONDITIONS.Listener.flatMap(condition), ...COMMON, ...OF_LISTENERS]

const FIELDS: ReadonlyMap<string, Field> = new Map(
  [...CONDITION_TYPES.flatMap(condition), ...COMMON, ...OF_LISTENERS, ...OF_MULTI_KEY_LISTENERS].map(field => [
    field.name.toLowerCase(),
    field,
  ]),
)

const namesOf = (fields: Iterable<Field>): string => {
  const names = [...fields].map(({ name }) => name).filter(name => !name.includes('.'))
  return [...names, 'exists', 'and reason and message of a condition, as in ready.reason'].join(', ')
}

export const assertFieldOf = (kind: Kind, { field }: Predicate): void => {
  const fields = fieldsOf(kind)
  if (field === EXISTS || fields.some(({ name }) => name.toLowerCase() === field)) return
  throw usageError(`a ${singular(kind)} has no ${FIELDS.get(field)?.name}: its fields are ${namesOf(fields)}`)
}

const EXISTS = 'exists'

const compare = (found: Value, operator: Operator, wanted: string): boolean => {
  const texts = [String(found ?? '').toLowerCase(), wanted.toLowerCase()] as const
  const numbers = [Number(found), Number(wanted)] as const
  switch (operator) {
    case '=':
      return texts[0] === texts[1]
    case '!=':
      return texts[0] !== texts[1]
    case '>':
      return numbers[0] > numbers[1]
    case '>=':
      return numbers[0] >= numbers[1]
    case '<':
      return numbers[0] < numbers[1]
    case '<=':
      return numbers[0] <= numbers[1]
  }
}

/** `ready=False`, `port!=8080`, `generation>=3` or `exists=false`; only `exists` can hold for an absent resource. */
export const predicate = (text: string): Predicate => {
  const [, name = '', operator = '=', wanted = ''] = /^\s*([a-z.]+)\s*(!=|>=|<=|=|>|<)\s*(.*?)\s*$/i.exec(text) ?? []
  const field = name.toLowerCase()
  if (field === EXISTS) {
    if (operator !== '=' || !/^(true|false)$/i.test(wanted)) {
      throw new InvalidArgumentError('must be exists=true or exists=false')
    }
    const isWanted = wanted.toLowerCase() === 'true'
    return { text, field, holds: resource => (resource !== null) === isWanted, isMonotonic: false }
  }
  const fieldOf = FIELDS.get(field)
  if (fieldOf === undefined || wanted === '') {
    throw new InvalidArgumentError(
      `must be FIELD=VALUE (or !=, <, <=, >, >=), such as ready=False; fields are ${namesOf(FIELDS.values())}`,
    )
  }
  const isNumber = field === 'port' || field === 'generation'
  if (!['=', '!='].includes(operator) && !(isNumber && Number.isFinite(Number(wanted)))) {
    throw new InvalidArgumentError(`${operator} compares numbers: port or generation`)
  }
  return {
    text,
    field,
    holds: resource => resource !== null && compare(fieldOf.value(resource), operator as Operator, wanted),
    isMonotonic: field === 'generation' && (operator === '>' || operator === '>='),
  }
}
