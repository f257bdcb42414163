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

/** As many commands of one request take the processor time of one that comes alone. */
const TOGETHER = 4

/** A dry run reads, and each manifest is a command. Rejected commands count too, as they are recorded. */
const commandsIn = ({ input: { commands = [], manifests = [], dryRun } }: Counted): number =>
  Math.max(1, dryRun === true ? 1 : (commands.length + manifests.length) / TOGETHER)

/** Limits the commands of a client, in how many requests ever they come. */
export const useCommandRateLimit = (gate: Pick<RequestGate, 'takeCommands'>): OperationPlugin => ({
  onSchemaChange: ({ schema }) => limitCommands(schema, gate),
})

const limitCommands = (schema: GraphQLSchema, gate: Pick<RequestGate, 'takeCommands'>): void => {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve as GraphQLFieldResolver<unknown, OperationContext, Counted>
    field.resolve = (source, args: Counted, context: OperationContext, info) => {
      gate.takeCommands(context.clientKey, commandsIn(args))
      return resolve(source, args, context, info)
    }
  }
}
