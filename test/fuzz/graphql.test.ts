import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  buildSchema,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { ERROR_CODES } from '../../schemas/errors.ts'
import { READ_MODEL_PREFIXES } from '../../schemas/events/streams.ts'
import fc from '../support/fast-check.ts'
import {
  APPLY,
  BACKEND,
  CREATE_LISTENER,
  GET_LISTENER,
  listenerInput,
  UPDATE_HOST,
  UPDATE_PORT,
} from '../support/operations.ts'
import { type Answer, TestServer } from '../support/test-server.ts'
import { read } from '../support/tree.ts'
import { fuzz } from './fuzz.ts'
import { anyValue, mutated, mutatedText } from './mutations.ts'

const RUNS = { generated: 200, changed: 175, variables: 175, bodies: 125 }
const CODES: readonly string[] = ERROR_CODES.filter(code => code !== 'PERSISTED_QUERY_NOT_SUPPORTED')
const DEEPEST = 5
const LONGEST_MS = 30_000

const schema = buildSchema(read('schemas/schema.graphql'))

/** A stream of numbers that determine a generated document. */
class Dice {
  readonly #numbers: readonly number[]
  #at = 0

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers
  }

  next(sides: number): number {
    this.#at += 1
    return (this.#numbers[this.#at % this.#numbers.length] as number) % sides
  }

  one<T>(of: readonly T[]): T {
    return of[this.next(of.length)] as T
  }
}

const LITERALS = [
  'null',
  '-1',
  '0',
  '8080',
  '1e400',
  'true',
  '""',
  '"a"',
  '"west"',
  '[]',
  '{}',
  '[[["a"]]]',
  '$v',
  'ENUM',
  '"""b"""',
  '"\\u0000"',
]
const WORDS = ['a', 'b', 'west', 'backend', '0000000000000001', '2026-11-23T10:00:00Z', '']

/** Valid values, mostly. */
const literal = (type: GraphQLInputType, dice: Dice, depth = 0): string => {
  if (dice.next(40) === 0) return dice.one(LITERALS)
  if (isNonNullType(type)) return literal(type.ofType, dice, depth)
  if (isListType(type)) return `[${depth > 2 ? '' : literal(type.ofType, dice, depth + 1)}]`
  if (isEnumType(type)) return dice.one(type.getValues()).name
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(field => isNonNullType(field.type) || dice.next(3) === 0)
    return `{${fields.map(field => `${field.name}: ${literal(field.type, dice, depth + 1)}`).join(', ')}}`
  }
  switch (type.name) {
    case 'Int':
      return String(dice.next(70_000) - 2)
    case 'Float':
      return String(dice.next(100) / 7)
    case 'Boolean':
      return dice.one(['true', 'false'])
    default:
      return JSON.stringify(dice.one(WORDS))
  }
}

const argumentsOf = ({ args }: GraphQLField<unknown, unknown>, dice: Dice): string => {
  const given = args.filter(({ type }) => isNonNullType(type) || dice.next(3) === 0)
  return given.length === 0 ? '' : `(${given.map(({ name, type }) => `${name}: ${literal(type, dice)}`).join(', ')})`
}

const selection = (type: GraphQLOutputType, dice: Dice, depth: number, most = 3): string => {
  const named = getNamedType(type)
  if (!isObjectType(named)) return dice.next(80) === 0 ? '{ a }' : ''
  const fields = Object.values(named.getFields())
  const chosen = Array.from({ length: 1 + dice.next(most) }, () => dice.one(fields))
  const inner = chosen.flatMap((field, index) => {
    if (depth >= DEEPEST && isObjectType(getNamedType(field.type))) return ['__typename']
    const alias = dice.next(3) === 0 ? '' : `f${index}: `
    return [`${alias}${field.name}${argumentsOf(field, dice)} ${selection(field.type, dice, depth + 1)}`]
  })
  if (dice.next(60) === 0)
    inner.push(dice.one(['nothing', '...F', '... on Query { head }', '@skip', '__schema { types { name } }']))
  return `{ ${inner.join(' ')} }`
}

const documentFrom = (numbers: readonly number[]): string => {
  const dice = new Dice(numbers)
  const kind = dice.one(['query', 'query', 'mutation', 'subscription'] as const)
  const root = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  }[kind]
  const variables = dice.next(10) === 0 ? '($v: String)' : ''
  // One command at a time: if one of several fails, the whole result is null.
  return `${kind}${variables} ${selection(root!, dice, 0, kind === 'mutation' ? 1 : 3)}`
}

const generated = fc.array(fc.nat(), { minLength: 20, maxLength: 60 }).map(documentFrom)

const SOUND = [
  GET_LISTENER,
  UPDATE_PORT,
  UPDATE_HOST,
  CREATE_LISTENER,
  APPLY,
  '{ listeners(first: 3) { edges { node { metadata { name } } } } head }',
]
const INPUTS = [
  { query: CREATE_LISTENER, variables: { input: listenerInput('a') } },
  { query: UPDATE_PORT, variables: { input: { namespace: 'west', name: 'a', port: 8081 } } },
  { query: UPDATE_HOST, variables: { input: { namespace: 'west', name: 'a', host: 'b', commandId: 'c' } } },
  { query: APPLY, variables: { input: { manifests: [BACKEND] } } },
  { query: GET_LISTENER, variables: { namespace: 'west', name: 'a' } },
]

describe('GraphQL', () => {
  let hark: TestServer
  let seen = 0
  before(async () => {
    hark = await TestServer.start()
  })
  after(() => hark[Symbol.asyncDispose]())

  const news = async (): Promise<number> => {
    let count = 0
    // Also excludes rejected commands, which are recorded too.
    for await (const { position, stream } of hark.store.readAll({ from: seen })) {
      seen = position
      if (READ_MODEL_PREFIXES.some(prefix => stream.startsWith(prefix))) count += 1
    }
    return count
  }

  const answersIn = (answer: Answer): Pick<Answer, 'data' | 'errors'>[] =>
    answer.text.startsWith('[') ? JSON.parse(answer.text) : [answer]

  const isAnswer = (answer: Answer): void => {
    const { status, text } = answer
    assert.ok(status === 200 || (status >= 400 && status < 500), `${status} ${text}`)
    for (const { data, errors } of answersIn(answer)) {
      assert.ok(data !== undefined || errors !== undefined, text)
      for (const { message, extensions } of errors ?? []) {
        assert.equal(typeof message, 'string')
        assert.ok(CODES.includes(extensions.code), `${extensions.code}: ${message}`)
      }
    }
  }

  /** Every request gets a response in time, and a failed command leaves no event of its resource. */
  const holds = async (request: () => Promise<Answer>): Promise<void> => {
    const begun = performance.now()
    const answer = await request()
    assert.ok(performance.now() - begun < LONGEST_MS)
    isAnswer(answer)
    // An error below a command's field concerns its result: the command was executed.
    const isDone = answersIn(answer).some(
      ({ data, errors = [] }) =>
        Object.values(data ?? {}).some(value => value !== null) || errors.some(({ path = [] }) => path.length > 1),
    )
    if (!isDone) assert.equal(await news(), 0, answer.text)
    await news()
    assert.deepEqual(hark.loggedErrors, [])
  }

  it('responds to any document of the schema', async () => {
    await fuzz(generated, RUNS.generated, document => holds(() => hark.graphql(document, { v: 'a' })))
  })

  it('responds to documents with removed or replaced pieces', async () => {
    const changed = mutatedText(fc.oneof(fc.constantFrom(...SOUND), generated))
    await fuzz(changed, RUNS.changed, document => holds(() => hark.graphql(document, INPUTS[0]!.variables)))
  })

  it('responds to any variables', async () => {
    const bodies = fc
      .constantFrom(...INPUTS)
      .chain(({ query, variables }) => mutated(fc.constant(variables)).map(changed => ({ query, variables: changed })))
    await fuzz(bodies, RUNS.variables, body => holds(() => hark.post(JSON.stringify(body))))
  })

  it('responds to any body of any content type', async () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 100 }).map(bytes => new Uint8Array(bytes)),
      mutated(fc.constantFrom(...INPUTS)).map(value => JSON.stringify(value) ?? ''),
      fc.array(mutated(fc.constantFrom(...INPUTS)), { maxLength: 3 }).map(value => JSON.stringify(value)),
      mutatedText(fc.constantFrom(...INPUTS.map(input => JSON.stringify(input)))),
      anyValue.map(value => JSON.stringify(value) ?? ''),
    )
    const type = fc.constantFrom(
      'application/json',
      'application/json',
      'application/json; charset=utf-8',
      'text/plain',
      'application/graphql',
      'x',
    )
    const accept = fc.constantFrom(
      'application/json',
      '*/*',
      'application/graphql-response+json',
      'text/html',
      'nonsense',
    )
    const requests = fc.record({ body, headers: fc.record({ 'content-type': type, accept }) })
    await fuzz(requests, RUNS.bodies, ({ body, headers }) => holds(() => hark.post(body, headers)))
  })
})
