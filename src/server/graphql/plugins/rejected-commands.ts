import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql'
import { type ErrorCode, HarkError } from '../../../../schemas/errors.ts'
import type { Engine } from '../../../engine/engine.ts'
import type { OperationContext, OperationPlugin } from '../context.ts'

/** Failures of the store are not rejections. */
const NOT_RECORDED: readonly ErrorCode[] = ['UNAVAILABLE']

export const isRejection = ({ code }: HarkError): boolean => !NOT_RECORDED.includes(code)

interface CommandArgs {
  readonly input: Readonly<Record<string, unknown>>
}

export const useRejectedCommands = (engine: Engine): OperationPlugin => ({
  onSchemaChange: ({ schema }) => recordRejections(schema, engine),
})

const recordRejections = (schema: GraphQLSchema, engine: Engine): void => {
  for (const [command, field] of Object.entries(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve as GraphQLFieldResolver<unknown, OperationContext, CommandArgs>
    field.resolve = async (source, args: CommandArgs, context: OperationContext, info) => {
      try {
        return await resolve(source, args, context, info)
      } catch (error) {
        const { input } = args
        if (error instanceof HarkError && isRejection(error) && input.dryRun !== true)
          await engine.refused({ command, input, error, caller: context.caller })
        throw error
      }
    }
  }
}
