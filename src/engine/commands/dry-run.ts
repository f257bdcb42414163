import { endpointTaken } from '../../../schemas/errors.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import { holdersIn, streamOf } from './apply-plan.ts'
import type { CommandHandler } from './command-handler.ts'
import { ownerOfStream } from './resource-definition.ts'
import { assertEmptySite } from './site-deletion.ts'
import type { DryRunRequest } from './types.ts'

interface Context {
  readonly handler: CommandHandler
  readonly models: ReadModels
}

const assertAccepted = async (
  { command, commandId, expectedResourceVersion }: DryRunRequest,
  holders: ReadonlyMap<string, string>,
  { handler, models }: Context,
): Promise<void> => {
  if (commandId !== undefined && (await handler.wasExecuted(command, commandId))) return
  const [outcome] = await handler.preview([{ command, expectedResourceVersion }])
  if (outcome === undefined) return
  if ('rejection' in outcome) throw outcome.rejection
  assertEmptySite(models, command)
  const { to } = outcome
  const holder = to && holders.get(to.stream)
  if (to === undefined || holder === undefined || holder === streamOf(command)) return
  throw endpointTaken(command.namespace, to.host, to.port, ownerOfStream(holder))
}

/** Decides each command as if it were the only one. */
export const createDryRun =
  (context: Context) =>
  async (requests: readonly DryRunRequest[]): Promise<readonly unknown[]> => {
    await context.handler.catchUp()
    const holders = holdersIn(
      context.models,
      requests.map(({ command }) => command.namespace),
    )
    return Promise.all(
      requests.map(request =>
        assertAccepted(request, holders, context).then(
          () => undefined,
          (error: unknown) => error,
        ),
      ),
    )
  }
