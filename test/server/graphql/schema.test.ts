import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  buildClientSchema,
  buildSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isObjectType,
  validateSchema,
} from 'graphql'
import { MUTATION_COMMANDS, mutationName } from '../../../schemas/commands.ts'
import { TestServer } from '../../support/test-server.ts'
import { read } from '../../support/tree.ts'

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

const served = async (): Promise<GraphQLSchema> => buildClientSchema(await hark.data(getIntrospectionQuery()))

test('schema › is valid', () => {
  assert.deepEqual(validateSchema(buildSchema(read('schemas/schema.graphql'))), [])
})

test('schema › offers each command to executeCommands', () => {
  const schema = buildSchema(read('schemas/schema.graphql'))
  const input = schema.getType('CommandInput')
  assert.ok(isInputObjectType(input))
  assert.deepEqual(Object.keys(input.getFields()).sort(), MUTATION_COMMANDS.map(mutationName).sort())
})

test('schema › describes every type, field, argument and value', async () => {
  for (const type of Object.values((await served()).getTypeMap())) {
    if (type.name.startsWith('__') || ['String', 'Int', 'Float', 'Boolean', 'ID'].includes(type.name)) continue
    assert.ok(type.description, type.name)
    if (isEnumType(type)) for (const value of type.getValues()) assert.ok(value.description, `${type}.${value.name}`)
    if (!isObjectType(type) && !isInputObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      assert.ok(field.description, `${type}.${field.name}`)
      for (const arg of 'args' in field ? field.args : [])
        assert.ok(arg.description, `${type}.${field.name}(${arg.name})`)
    }
  }
})
