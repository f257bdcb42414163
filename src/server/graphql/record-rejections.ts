import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql'
import { type ErrorCode, HarkError } from '../../../schemas/errors.ts'
import type { Engine } from '../../engine/engine.ts'
import type { OperationContext } from './context.ts'

/** Where the store did not answer, nobody refused anything. */
const NO_REFUSALS: readonly ErrorCode[] = ['UNAVAILABLE']

interface CommandArguments {
  readonly input: Readonly<Record<string, unknown>>
}

/** Has every mutation that is refused written down before that is answered. A dry run asks for nothing to be done. */
export const recordRefusals = (schema: GraphQLSchema, engine: Engine): void => {
  for (const [command, field] of Object.entries(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve as GraphQLFieldResolver<unknown, OperationContext, CommandArguments>
    field.resolve = async (source, args: CommandArguments, context: OperationContext, info) => {
      try {
        return await resolve(source, args, context, info)
      } catch (error) {
        const { input } = args
        if (error instanceof HarkError && !NO_REFUSALS.includes(error.code) && input.dryRun !== true)
          await engine.refused({ command, input, error, caller: context.caller })
        throw error
      }
    }
  }
}
