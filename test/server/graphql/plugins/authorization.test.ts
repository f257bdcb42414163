import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { buildSchema, extendSchema, type GraphQLField, type GraphQLSchema, parse } from 'graphql'
import type { Grant } from '../../../../src/auth/roles.ts'
import { authorize } from '../../../../src/server/graphql/plugins/authorization.ts'
import { read } from '../../../support/tree.ts'

const schemaWithout = (...fields: readonly string[]): GraphQLSchema => {
  const schema = buildSchema(read('schemas/schema.graphql'))
  for (const field of fields) delete schema.getQueryType()?.getFields()[field]
  return schema
}

const contextOf = (...grants: readonly Grant[]) => ({ principal: { name: 'alice', grants, isValid: () => true } })

type Call = (source: unknown, args: object, context: object, info: object) => unknown

describe('authorize', () => {
  it('rejects a schema with a field that has no rule', () => {
    const schema = extendSchema(schemaWithout(), parse('extend type Query { secret: String }'))
    assert.throws(() => authorize(schema), /^Error: Query: fields without a rule: secret; rules without a field: $/)
  })

  it('rejects a rule without a field', () => {
    assert.throws(() => authorize(schemaWithout('head')), /fields without a rule: ; rules without a field: head$/)
    const schema = extendSchema(schemaWithout('head'), parse('extend type Query { secret: String }'))
    assert.throws(() => authorize(schema), /fields without a rule: secret; rules without a field: head$/)
  })

  it('checks a query before it is resolved, and a subscription before it begins', () => {
    const schema = schemaWithout()
    const called: string[] = []
    const head = schema.getQueryType()?.getFields().head as GraphQLField<unknown, unknown>
    const ready = schema.getSubscriptionType()?.getFields().ready as GraphQLField<unknown, unknown>
    head.resolve = () => called.push('query')
    ready.subscribe = () => called.push('subscription')
    ready.resolve = () => called.push('message')
    authorize(schema)
    const args = { namespace: 'west', name: 'backend' }
    for (const call of [head.resolve, ready.subscribe] as Call[]) {
      assert.throws(() => call(undefined, args, contextOf(), {}), /^HarkError: alice /)
      assert.deepEqual(called, [])
    }
    const viewer = contextOf({ role: 'viewer', namespaces: ['west'] })
    for (const call of [head.resolve, ready.subscribe, ready.resolve] as Call[]) call(undefined, args, viewer, {})
    assert.deepEqual(called, ['query', 'subscription', 'message'])
    // Each message of a subscription that has begun is delivered without another check.
    ready.resolve?.(undefined, args, contextOf() as never, {} as never)
    assert.equal(called.length, 4)
  })
})
