import { InvalidArgumentError } from 'commander'
import type { ComparedListenerFragment } from '../../client/generated.ts'

type Value = string | number | boolean | undefined
type Operator = '=' | '!=' | '>' | '>=' | '<' | '<='

export interface Predicate {
  readonly text: string
  holds(listener: ComparedListenerFragment | null): boolean
  /** Once true, it stays true for the life of the listener. */
  readonly isMonotonic: boolean
}

const condition =
  (type: string, part: 'status' | 'reason' | 'message') =>
  ({ status }: ComparedListenerFragment): Value =>
    status.conditions.find(candidate => candidate.type === type)?.[part]

const conditions = ['Configured', 'Matched', 'Ready', 'Reachable'].flatMap(type => [
  [type.toLowerCase(), condition(type, 'status')] as const,
  [`${type.toLowerCase()}.reason`, condition(type, 'reason')] as const,
  [`${type.toLowerCase()}.message`, condition(type, 'message')] as const,
])

const FIELDS: ReadonlyMap<string, (listener: ComparedListenerFragment) => Value> = new Map([
  ...conditions,
  ['status', ({ status }) => status.status],
  ['hasmatchingconnector', ({ status }) => status.hasMatchingConnector],
  ['generation', ({ metadata }) => metadata.generation],
  ['uid', ({ metadata }) => metadata.uid],
  ['routingkey', ({ spec }) => spec.routingKey],
  ['host', ({ spec }) => spec.host],
  ['port', ({ spec }) => spec.port],
  ['tlscredentials', ({ spec }) => spec.tlsCredentials ?? undefined],
  ['exposepodsbyname', ({ spec }) => spec.exposePodsByName],
] as [string, (listener: ComparedListenerFragment) => Value][])

const NAMES =
  'ready, ready.reason, ready.message (likewise configured, matched and reachable), status, hasMatchingConnector, generation, uid, routingKey, host, port, tlsCredentials, exposePodsByName, exists'

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

/** `ready=False`, `port!=8080`, `generation>=3` or `exists=false`; only `exists` can hold for an absent listener. */
export const predicate = (text: string): Predicate => {
  const [, name = '', operator = '=', wanted = ''] = /^\s*([a-z.]+)\s*(!=|>=|<=|=|>|<)\s*(.*?)\s*$/i.exec(text) ?? []
  const field = name.toLowerCase()
  if (field === 'exists') {
    if (operator !== '=' || !/^(true|false)$/i.test(wanted)) {
      throw new InvalidArgumentError('must be exists=true or exists=false')
    }
    const isWanted = wanted.toLowerCase() === 'true'
    return { text, holds: listener => (listener !== null) === isWanted, isMonotonic: false }
  }
  const fieldOf = FIELDS.get(field)
  if (fieldOf === undefined || wanted === '') {
    throw new InvalidArgumentError(
      `must be FIELD=VALUE (or !=, <, <=, >, >=), such as ready=False; fields are ${NAMES}`,
    )
  }
  const isNumber = field === 'port' || field === 'generation'
  if (!['=', '!='].includes(operator) && !(isNumber && Number.isFinite(Number(wanted)))) {
    throw new InvalidArgumentError(`${operator} compares numbers: port or generation`)
  }
  return {
    text,
    holds: listener => listener !== null && compare(fieldOf(listener), operator as Operator, wanted),
    isMonotonic: field === 'generation' && (operator === '>' || operator === '>='),
  }
}
