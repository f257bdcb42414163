import { MUTATION_COMMANDS, mutationName } from '../../../../schemas/commands.ts'
import { badUserInput, HarkError } from '../../../../schemas/errors.ts'
import { namespaceName } from '../../../../schemas/resources/names.ts'
import { toIssues } from '../../../../schemas/validation.ts'
import type { CommandAnswer } from '../../../engine/commands/types.ts'
import type { OperationContext } from '../context.ts'
import { withWarning } from '../credentials-warnings.ts'
import { type CommandInput, commandIdFaults, readCommand } from '../inputs/command-input.ts'
import { type Optional, omitNulls } from '../inputs/omit-nulls.ts'
import type { Services } from './services.ts'

interface ApplyInput {
  readonly manifests: readonly unknown[]
  readonly namespace?: Optional<string>
  readonly dryRun?: Optional<boolean>
  readonly commandId?: Optional<string>
}

const outcomeOf = ({ eventType }: CommandAnswer<unknown>): string => (eventType === undefined ? 'unchanged' : 'done')

/** The command was done; what it left behind was deleted before it could be shown. */
const rowOf = <Row>({ row }: CommandAnswer<Row>): Row => {
  if (row === undefined) throw new HarkError('NOT_FOUND', 'the resource was deleted right after the command')
  return row
}

const namespaceFaults = (namespace: string | undefined) => {
  const parsed = namespaceName.optional().safeParse(namespace)
  return parsed.success ? [] : toIssues(parsed.error, ['namespace'])
}

/** A mutation for each command: reads its input, has it executed and answers. */
export const commandResolvers = ({ engine, metrics, credentialsWarning = () => undefined }: Services) => {
  const command =
    (type: (typeof MUTATION_COMMANDS)[number]) =>
    (_: unknown, { input }: { input: CommandInput }, { caller }: OperationContext) =>
      metrics.observe(
        type,
        async () => {
          const { command, ...options } = readCommand(type, input)
          return engine.execute(command, { caller, ...options })
        },
        outcomeOf,
      )

  return {
    Mutation: {
      ...Object.fromEntries(MUTATION_COMMANDS.map(type => [mutationName(type), command(type)])),
      apply: (_: unknown, { input }: { input: ApplyInput }, { caller }: OperationContext) =>
        metrics.observe(
          'Apply',
          async () => {
            const { manifests, dryRun = false, ...options } = omitNulls(input)
            const faults = [...namespaceFaults(options.namespace), ...commandIdFaults(options.commandId)]
            if (faults.length > 0) throw badUserInput(faults)
            const results = await engine.apply(manifests, { caller, dryRun, ...options })
            return {
              results: results.map((result, index) => withWarning(result, manifests[index], credentialsWarning)),
            }
          },
          () => 'done',
        ),
    },
    ListenerPayload: { listener: rowOf },
    ConnectorPayload: { connector: rowOf },
  }
}
