import { MUTATION_COMMANDS, mutationName } from '../../../../schemas/commands.ts'
import { badUserInput, HarkError } from '../../../../schemas/errors.ts'
import type { Position } from '../../../../schemas/events/recorded-event.ts'
import type { Engine } from '../../../engine/engine.ts'
import type { OperationContext } from '../context.ts'
import type { CommandInput as AnyInput, MutationExecuteCommandsArgs } from '../generated.ts'
import { type CommandInput, omitNulls, readCommand } from '../inputs.ts'
import { outcomeLabel, typeLabel } from '../plugins/command-metrics.ts'
import { isRejection } from '../plugins/rejected-commands.ts'
import type { ResolverServices } from './shared.ts'

/** As many rejections can wait to be recorded. */
const MOST_COMMANDS = 500
/** Shares appends, but leaves room for other commands. */
const AT_ONCE = 100

interface Outcome {
  readonly position?: Position
  readonly error?: Pick<HarkError, 'code' | 'message'>
}

const TYPES = new Map(MUTATION_COMMANDS.map(type => [mutationName(type) as string, type]))

type Execute = Pick<Engine, 'execute' | 'refused'>

interface Services extends Pick<ResolverServices, 'metrics'> {
  readonly engine: Execute
}

const outcomeOf = async (
  { engine, metrics }: Services,
  given: AnyInput,
  { caller }: OperationContext,
): Promise<Outcome> => {
  const [name, input] = Object.entries(omitNulls(given))[0] as [string, CommandInput]
  const execute = async () => {
    const { command, ...options } = readCommand(TYPES.get(name) as (typeof MUTATION_COMMANDS)[number], input)
    return engine.execute(command, { caller, ...options })
  }
  try {
    const { position } = await metrics.observe(typeLabel(name), execute, outcomeLabel)
    return { position }
  } catch (error) {
    if (!(error instanceof HarkError)) throw error
    if (isRejection(error)) await engine.refused({ command: name, input: { ...input }, error, caller })
    const { code, message } = error
    return { error: { code, message } }
  }
}

export const commandBatchResolvers = (services: ResolverServices) => ({
  Mutation: {
    executeCommands: async (_: unknown, args: MutationExecuteCommandsArgs, context: OperationContext) => {
      const { commands } = args.input
      if (commands.length < 1 || commands.length > MOST_COMMANDS)
        throw badUserInput([
          { path: 'commands', message: `must be 1 to ${MOST_COMMANDS} commands, are ${commands.length}` },
        ])
      const results: Outcome[] = []
      for (let from = 0; from < commands.length; from += AT_ONCE) {
        const some = commands.slice(from, from + AT_ONCE)
        results.push(...(await Promise.all(some.map(command => outcomeOf(services, command, context)))))
      }
      return { results }
    },
  },
})
