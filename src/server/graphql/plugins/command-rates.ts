import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql'
import type { RequestGate } from '../../http/request-gate.ts'
import type { OperationContext, OperationPlugin } from '../context.ts'

interface Counted {
  readonly input: {
    readonly commands?: readonly unknown[]
    readonly manifests?: readonly unknown[]
    readonly dryRun?: boolean | null
  }
}

/** A dry run reads, and each manifest is a command. Rejected commands count too, as they are recorded. */
const commandsIn = ({ input: { commands = [], manifests = [], dryRun } }: Counted): number =>
  Math.max(1, dryRun === true ? 1 : commands.length + manifests.length)

/** Limits the commands of a client, in how many requests ever they come. */
export const useCommandRates = (gate: Pick<RequestGate, 'countCommands'>): OperationPlugin => ({
  onSchemaChange: ({ schema }) => countCommands(schema, gate),
})

const countCommands = (schema: GraphQLSchema, gate: Pick<RequestGate, 'countCommands'>): void => {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve as GraphQLFieldResolver<unknown, OperationContext, Counted>
    field.resolve = (source, args: Counted, context: OperationContext, info) => {
      gate.countCommands(context.clientKey, commandsIn(args))
      return resolve(source, args, context, info)
    }
  }
}
