import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql'
import type { CommandAnswer } from '../../../engine/commands/types.ts'
import type { Metrics } from '../../http/metrics.ts'
import type { OperationContext, OperationPlugin } from '../context.ts'

type Answer = Partial<Pick<CommandAnswer<unknown>, 'eventType' | 'position'>>

const outcomeOf = ({ position, eventType }: Answer): string =>
  position === undefined || eventType !== undefined ? 'done' : 'unchanged'

export const useCommandMetrics = (metrics: Metrics): OperationPlugin => ({
  onSchemaChange: ({ schema }) => measure(schema, metrics),
})

const measure = (schema: GraphQLSchema, metrics: Metrics): void => {
  for (const [name, field] of Object.entries(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve as GraphQLFieldResolver<unknown, OperationContext>
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}`
    field.resolve = (...args) => metrics.observe(type, async () => (await resolve(...args)) as Answer, outcomeOf)
  }
}
