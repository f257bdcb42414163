import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  buildSchema,
  type GraphQLObjectType,
  type GraphQLScalarType,
  getNullableType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql'
import { ERROR_CODES } from '../../../schemas/errors.ts'
import { KINDS } from '../../../schemas/resources/kinds.ts'
import { read } from '../../support/tree.ts'

const schema = buildSchema(read('schemas/schema.graphql'))
const objects = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .filter(({ name }) => !name.startsWith('__'))
const connections = objects.filter(({ name }) => name.endsWith('Connection'))
const objectType = (name: string): GraphQLObjectType => schema.getType(name) as GraphQLObjectType

const typeOf = (type: GraphQLObjectType, field: string): string => String(type.getFields()[field]?.type)

describe('schema for Relay', () => {
  it('has edges and pageInfo in each connection, and a cursor and a node in each edge', () => {
    assert.ok(connections.length >= 7)
    for (const connection of connections) {
      const item = connection.name.replace(/Connection$/, '')
      assert.equal(typeOf(connection, 'pageInfo'), 'PageInfo!', connection.name)
      assert.equal(typeOf(connection, 'edges'), `[${item}Edge!]!`)
      const { cursor, node } = objectType(`${item}Edge`).getFields()
      assert.ok(isScalarType(getNullableType(cursor?.type)), `${item}Edge.cursor`)
      assert.ok(isObjectType(getNullableType(node?.type)), `${item}Edge.node`)
    }
  })

  it('pages each connection forwards, and backwards where it has last and before', () => {
    const fields = objects.flatMap(type => Object.values(type.getFields()).map(field => ({ type, field })))
    const paged = fields.filter(({ field }) => connections.includes(getNullableType(field.type) as GraphQLObjectType))
    assert.ok(paged.length >= connections.length)
    for (const { type, field } of paged) {
      const args = new Map(field.args.map(({ name, type }) => [name, String(type)]))
      const place = `${type}.${field.name}`
      assert.equal(args.get('first'), 'Int', place)
      assert.match(String(args.get('after')), /^(String|Position)$/, place)
      assert.equal(args.get('last'), args.has('before') ? 'Int' : undefined, place)
      assert.equal(args.get('before'), args.has('last') ? args.get('after') : undefined, place)
    }
  })

  it('has no other type whose name ends in Connection but a deprecated one', () => {
    const named = Object.values(schema.getTypeMap()).filter(({ name }) => name.endsWith('Connection'))
    assert.deepEqual(
      named.filter(type => !connections.includes(type as GraphQLObjectType)).map(({ name }) => name),
      ['RouterConnection'],
    )
    const fields = objects.flatMap(type => Object.values(type.getFields()))
    const using = fields.filter(({ type }) => /\bRouterConnection\b/.test(String(type)))
    assert.ok(using.every(({ deprecationReason }) => deprecationReason))
  })

  it('specifies each custom scalar', () => {
    const custom = Object.values(schema.getTypeMap()).filter(
      type => isScalarType(type) && !isSpecifiedScalarType(type),
    ) as GraphQLScalarType[]
    assert.deepEqual(custom.map(({ name }) => name).sort(), ['DateTime', 'JSON', 'Position'])
    for (const { name, specifiedByURL } of custom) assert.ok(specifiedByURL, name)
  })

  it('has a complete PageInfo', () => {
    assert.deepEqual(
      Object.values(objectType('PageInfo').getFields())
        .map(({ name, type }) => `${name}: ${type}`)
        .sort(),
      ['endCursor: String', 'hasNextPage: Boolean!', 'hasPreviousPage: Boolean!', 'startCursor: String'],
    )
  })

  it('finds each kind by node and nodes', () => {
    const node = schema.getType('Node')
    assert.ok(isInterfaceType(node))
    assert.deepEqual(
      Object.values(node.getFields()).map(({ name, type }) => `${name}: ${type}`),
      ['id: ID!'],
    )
    assert.deepEqual(
      schema
        .getPossibleTypes(node)
        .map(({ name }) => name)
        .sort(),
      [...KINDS].sort(),
    )
    const { node: one, nodes } = schema.getQueryType()!.getFields()
    assert.deepEqual(
      [one, nodes].map(field => `${field?.args.map(({ name, type }) => `${name}: ${type}`)} → ${field?.type}`),
      ['id: ID! → Node', 'ids: [ID!]! → [Node]!'],
    )
  })
})

describe('ErrorCode', () => {
  it('has the codes of all errors', () => {
    const type = schema.getType('ErrorCode')
    assert.ok(type !== undefined && 'getValues' in type)
    const values = type.getValues().map(({ name }) => name)
    assert.deepEqual(values.sort(), [...ERROR_CODES, 'INTERNAL_SERVER_ERROR'].sort())
  })
})
