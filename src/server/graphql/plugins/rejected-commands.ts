import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql'
import { type ErrorCode, HarkError } from '../../../../schemas/errors.ts'
import type { RejectedCommand } from '../../../engine/commands/rejected-command-log.ts'
import type { Engine } from '../../../engine/engine.ts'
import type { OperationContext, OperationPlugin } from '../context.ts'
import { commandRefusal } from '../permissions.ts'

/** Failures of the store are not rejections. */
const NOT_RECORDED: readonly ErrorCode[] = ['UNAVAILABLE']

export const isRejection = ({ code }: HarkError): boolean => !NOT_RECORDED.includes(code)

type Input = Readonly<Record<string, unknown>>

interface CommandArgs {
  readonly input: Input & { readonly commands?: readonly Readonly<Record<string, Input>>[] }
}

/** As many are recorded at once: the others could not wait for the store. */
const RECORDED_AT_ONCE = 100

/** Of several commands, each that is forbidden is recorded as it would be alone. */
const rejectionsIn = (
  command: string,
  { input }: CommandArgs,
  error: HarkError,
  { caller, principal }: Pick<OperationContext, 'caller' | 'principal'>,
): RejectedCommand[] => {
  if (error.code !== 'FORBIDDEN' || input.commands === undefined) return [{ command, input, error, caller }]
  return input.commands.flatMap(each => {
    const [name, own] = Object.entries(each)[0] as [string, Input]
    const refusal = commandRefusal(principal, own)
    return refusal === undefined ? [] : [{ command: name, input: own, error: refusal, caller }]
  })
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
        if (error instanceof HarkError && isRejection(error) && args.input.dryRun !== true) {
          const rejections = rejectionsIn(command, args, error, context)
          for (let from = 0; from < rejections.length; from += RECORDED_AT_ONCE)
            await Promise.all(rejections.slice(from, from + RECORDED_AT_ONCE).map(each => engine.refused(each)))
        }
        throw error
      }
    }
  }
}
