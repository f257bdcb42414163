import { MUTATION_COMMANDS, mutationName } from '../../../../schemas/commands.ts'
import { badUserInput, HarkError } from '../../../../schemas/errors.ts'
import type { Position } from '../../../../schemas/events/recorded-event.ts'
import type { DryRunRequest } from '../../../engine/commands/types.ts'
import type { Engine } from '../../../engine/engine.ts'
import { ClientSlots } from '../../client-slots.ts'
import type { OperationContext } from '../context.ts'
import type { CommandInput as AnyInput, MutationExecuteCommandsArgs } from '../generated.ts'
import { type CommandInput, omitNulls, readCommand } from '../inputs.ts'
import { outcomeLabel, typeLabel } from '../plugins/command-metrics.ts'
import { isRejection } from '../plugins/rejected-commands.ts'
import type { ResolverServices } from './shared.ts'

const MOST_COMMANDS = 500
/** Commands of one client that are executed at once: they share appends, but leave room for those of others. */
const AT_ONCE = 100

interface CommandError {
  readonly code: string
  readonly message: string
  readonly extensions: Readonly<Record<string, unknown>>
}

interface Outcome {
  readonly position?: Position
  readonly error?: CommandError
}

const TYPES = new Map(MUTATION_COMMANDS.map(type => [mutationName(type) as string, type]))

type Execute = Pick<Engine, 'execute' | 'dryRun' | 'refused'>

interface Services extends Pick<ResolverServices, 'metrics'> {
  readonly engine: Execute
}

/** As the error of the command's own mutation. */
const commandError = (error: unknown, context: OperationContext): CommandError => {
  const { message, extensions } = context.mask(error)
  return { code: extensions.code as string, message, extensions }
}

const nameAndInput = (given: AnyInput) => Object.entries(omitNulls(given))[0] as [string, CommandInput]

const read = (name: string, input: CommandInput): DryRunRequest =>
  readCommand(TYPES.get(name) as (typeof MUTATION_COMMANDS)[number], input)

const outcomeOf = async (
  { engine, metrics }: Services,
  given: AnyInput,
  context: OperationContext,
): Promise<Outcome> => {
  const { caller } = context
  const [name, input] = nameAndInput(given)
  const execute = async () => {
    const { command, ...options } = read(name, input)
    return engine.execute(command, { caller, ...options })
  }
  try {
    const { position } = await metrics.observe(typeLabel(name), execute, outcomeLabel)
    return { position }
  } catch (error) {
    if (error instanceof HarkError && isRejection(error))
      await engine.refused({ command: name, input: { ...input }, error, caller })
    return { error: commandError(error, context) }
  }
}

const dryRun = async (
  { engine }: Services,
  commands: readonly AnyInput[],
  context: OperationContext,
): Promise<readonly Outcome[]> => {
  const errors = new Map<number, unknown>()
  const requests = commands.flatMap((given, index) => {
    try {
      return [{ index, ...read(...nameAndInput(given)) }]
    } catch (error) {
      errors.set(index, error)
      return []
    }
  })
  const decided = await engine.dryRun(requests)
  for (const [at, { index }] of requests.entries()) if (decided[at] !== undefined) errors.set(index, decided[at])
  return commands.map((_, index) => (errors.has(index) ? { error: commandError(errors.get(index), context) } : {}))
}

export const commandBatchResolvers = (services: ResolverServices) => {
  const slots = new ClientSlots(AT_ONCE)
  return {
    Mutation: {
      executeCommands: async (_: unknown, args: MutationExecuteCommandsArgs, context: OperationContext) => {
        const { commands, dryRun: isDryRun } = args.input
        if (commands.length < 1 || commands.length > MOST_COMMANDS)
          throw badUserInput([
            { path: 'commands', message: `must be 1 to ${MOST_COMMANDS} commands, are ${commands.length}` },
          ])
        if (isDryRun) return { results: await dryRun(services, commands, context) }
        const execute = (command: AnyInput) => slots.run(context.clientKey, () => outcomeOf(services, command, context))
        return { results: await Promise.all(commands.map(execute)) }
      },
    },
  }
}
