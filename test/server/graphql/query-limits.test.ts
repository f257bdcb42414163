import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { getIntrospectionQuery } from 'graphql'
import { DEFAULT_LIMITS } from '../../../src/config/limits.ts'
import { APPLY, BACKEND } from '../../support/operations.ts'
import { TestServer } from '../../support/test-server.ts'

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

const nested = (depth: number) => `{ __schema { types { ${'ofType { '.repeat(depth)} name ${'}'.repeat(depth)} } } }`
const aliased = (count: number) => `{ ${Array.from({ length: count }, (_, index) => `a${index}: head`).join(' ')} }`
/** Each fragment spreads the next twice: short to write, endless to answer. */
const laughs = (count: number) =>
  `{ listeners { edges { node { ...f0 } } } } ${Array.from({ length: count }, (_, index) => {
    const next =
      index + 1 < count ? `a: history { edges { ...x${index} } } ...f${index + 1} b: status { message }` : 'kind'
    return `fragment f${index} on Listener { ${next} } fragment x${index} on EventEdge { cursor node { id data } }`
  }).join(' ')}`

const REFUSED: Record<string, string> = {
  'a deep query': nested(50),
  'nesting that overflows the stack of a parser': `{ ${'a { '.repeat(100_000)} a ${'}'.repeat(100_000)} }`,
  'a literal that overflows the stack of a parser': `{ events(types: ${'['.repeat(100_000)}${']'.repeat(100_000)}) { edges { cursor } } }`,
  'a hundred thousand aliases': aliased(100_000),
  'a hundred and one aliases': aliased(101),
  'a huge query': `{ ${'head '.repeat(500_000)} }`,
  'many fields': `{ ${'head '.repeat(1001)} }`,
  'fragments that multiply exponentially': laughs(200),
  'a recursive fragment': '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }',
  'recursive introspection': `{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }`,
}
for (const [what, query] of Object.entries(REFUSED)) {
  test(`query limits › reject ${what} before execution`, async () => {
    const start = process.cpuUsage()
    const { errors, data, text } = await hark.graphql(query)
    assert.ok(process.cpuUsage(start).user < 1_000_000)
    assert.equal(data, undefined)
    for (const { extensions } of errors!) assert.equal(extensions.code, 'BAD_USER_INPUT')
    assert.ok(text.length < 100_000)
    assert.deepEqual(hark.loggedErrors, [])
  })
}

test('query limits › reject a huge fragment before validation, used or not', async () => {
  for (const [fields, limit] of [
    [Array.from({ length: 1001 }, () => 'head').join(' '), 'queryFields'],
    [Array.from({ length: 101 }, (_, index) => `a${index}: head`).join(' '), 'queryAliases'],
    [`${'a { '.repeat(21)} head ${'}'.repeat(21)}`, 'queryDepth'],
  ]) {
    const { extensions, message } = await hark.error(`{ head } fragment unused on Query { ${fields} }`)
    assert.equal((extensions as { readonly limit?: string }).limit, limit)
    assert.match(message, /^The fragment /)
  }
})

test('query limits › allow introspection', async () => {
  const introspection = getIntrospectionQuery({
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  })
  assert.ok((await hark.data(introspection)).__schema)
})

test('query limits › allow a hundred commands in a request', async () => {
  assert.equal(Object.keys(await hark.data(aliased(100))).length, 100)
})

test('queryRows › counts a hundred numbers of the columns of lanes as a row', async () => {
  await using few = await TestServer.start({ server: { limits: { ...DEFAULT_LIMITS, queryRows: 2 } } })
  await few.data(APPLY, { input: { manifests: [{ ...BACKEND, metadata: { namespace: 'many', name: 'l' } }] } })
  const lane = 'statusLanes { edges { node { columns } } }'
  assert.equal((await few.data(`{ ${lane} }`)).statusLanes.edges.length, 1)
  assert.equal((await few.error(`{ ${lane} other: ${lane} }`)).extensions.code, 'BAD_USER_INPUT')
})

test('queryRows › limits the rows of a request over all its lists', async () => {
  const manifests = Array.from({ length: 250 }, (_, index) => ({
    ...BACKEND,
    metadata: { namespace: 'many', name: `l${index}` },
    spec: { routingKey: 'k', host: `h${index}`, port: 1 },
  }))
  await hark.data(APPLY, { input: { manifests } })
  const lists = (count: number) =>
    `{ ${Array.from({ length: count }, (_, index) => `a${index}: listeners(first: 1000) { totalCount }`).join(' ')} }`
  assert.equal((await hark.data(lists(80))).a79.totalCount, 250)
  const { extensions } = await hark.error(lists(81))
  assert.equal(extensions.code, 'BAD_USER_INPUT')
  assert.deepEqual(
    extensions.fields?.map(({ path }) => path),
    ['first'],
  )
})
