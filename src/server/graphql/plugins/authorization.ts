import type { GraphQLFieldResolver, GraphQLObjectType, GraphQLSchema } from 'graphql'
import type { OperationContext, OperationPlugin } from '../context.ts'
import { ACCESS_RULES } from '../permissions.ts'

type Resolver = GraphQLFieldResolver<unknown, OperationContext>

const rootTypes = (schema: GraphQLSchema): GraphQLObjectType[] =>
  [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(type => type != null)

export const useAuthorization = (): OperationPlugin => ({ onSchemaChange: ({ schema }) => authorize(schema) })

export const authorize = (schema: GraphQLSchema): void => {
  for (const type of rootTypes(schema)) {
    const rules = ACCESS_RULES[type.name] ?? {}
    const fields = type.getFields()
    const missing = Object.keys(fields).filter(name => !Object.hasOwn(rules, name))
    const unknown = Object.keys(rules).filter(name => !Object.hasOwn(fields, name))
    if (missing.length + unknown.length > 0)
      throw new Error(`${type.name}: fields without a rule: ${missing}; rules without a field: ${unknown}`)
    for (const [name, field] of Object.entries(fields)) {
      const rule = rules[name]!
      const checked = (resolver: Resolver): Resolver => {
        return (source, args, context, info) => {
          rule(context.principal, args)
          return resolver(source, args, context, info)
        }
      }
      if (field.subscribe !== undefined) field.subscribe = checked(field.subscribe as Resolver)
      else field.resolve = checked(field.resolve as Resolver)
    }
  }
}
