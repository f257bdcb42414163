import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql'
import type { CommandAnswer } from '../../../engine/commands/types.ts'
import type { Metrics } from '../../http/metrics.ts'
import type { OperationContext, OperationPlugin } from '../context.ts'

type Answer = Partial<Pick<CommandAnswer<unknown>, 'eventType' | 'position'>>

export const outcomeLabel = ({ position, eventType }: Answer): string =>
  position === undefined || eventType !== undefined ? 'done' : 'unchanged'

export const typeLabel = (mutation: string): string => `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}`

export const useCommandMetrics = (metrics: Metrics): OperationPlugin => ({
  onSchemaChange: ({ schema }) => measure(schema, metrics),
})

const measure = (schema: GraphQLSchema, metrics: Metrics): void => {
  for (const [name, field] of Object.entries(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve as GraphQLFieldResolver<unknown, OperationContext>
    const type = typeLabel(name)
    field.resolve = (...args) => metrics.observe(type, async () => (await resolve(...args)) as Answer, outcomeLabel)
  }
}
