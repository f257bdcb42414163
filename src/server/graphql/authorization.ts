import type { GraphQLFieldResolver, GraphQLObjectType, GraphQLSchema } from 'graphql'
import type { OperationContext } from './context.ts'
import { ACCESS_RULES } from './permissions.ts'

type Resolver = GraphQLFieldResolver<unknown, OperationContext>

const rootTypes = (schema: GraphQLSchema): GraphQLObjectType[] =>
  [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(type => type != null)

/**
 * Has every field of the root types ask first whether it may be answered.
 *
 * @throws Error where a field has no rule, or a rule no field
 */
export const guard = (schema: GraphQLSchema): void => {
  for (const type of rootTypes(schema)) {
    const rules = ACCESS_RULES[type.name] ?? {}
    const fields = type.getFields()
    const unruled = Object.keys(fields).filter(name => !Object.hasOwn(rules, name))
    const unknown = Object.keys(rules).filter(name => !Object.hasOwn(fields, name))
    if (unruled.length + unknown.length > 0)
      throw new Error(`${type.name}: fields without a rule: ${unruled}; rules without a field: ${unknown}`)
    for (const [name, field] of Object.entries(fields)) {
      const rule = rules[name]!
      const guarded = (resolver: Resolver): Resolver => {
        return (source, args, context, info) => {
          rule(context.principal, args)
          return resolver(source, args, context, info)
        }
      }
      // Of a subscription, the opening is what is asked for; each value is resolved after that.
      if (field.subscribe !== undefined) field.subscribe = guarded(field.subscribe as Resolver)
      else field.resolve = guarded(field.resolve as Resolver)
    }
  }
}
