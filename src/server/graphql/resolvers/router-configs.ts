import { skrouterdJson } from '../../../../projections/router-config/router-config.ts'
import { badUserInput } from '../../../../schemas/errors.ts'
import { formatPosition } from '../../../../schemas/events/recorded-event.ts'
import { entityDifferences } from '../../../engine/queries/router-config-diff.ts'
import type { RouterConfiguration } from '../../../engine/queries/types.ts'
import type { OperationContext } from '../context.ts'
import { type MomentInput, readMoment } from '../inputs/moment-input.ts'
import { type Optional, omitNulls } from '../inputs/omit-nulls.ts'
import type { Services } from './services.ts'

interface RouterConfigArguments {
  readonly namespace: string
  readonly at?: Optional<MomentInput>
}

interface RouterConfigDiffArguments {
  readonly namespace: string
  readonly from: MomentInput
  readonly to: MomentInput
}

export const routerConfigResolvers = ({ engine }: Services) => {
  const configAt = async (namespace: string, moment: MomentInput, path: string): Promise<RouterConfiguration> =>
    (await engine.read.past(readMoment(moment, path))).routerConfig(namespace)

  return {
    Query: {
      routerConfig: (_: unknown, args: RouterConfigArguments, context: OperationContext) => {
        const { namespace, at } = omitNulls(args)
        if (at === undefined) return engine.read.routerConfig(namespace)
        return context.inTurn(() => configAt(namespace, at, 'at'))
      },
      routerConfigDiff: async (
        _: unknown,
        { namespace, from, to }: RouterConfigDiffArguments,
        context: OperationContext,
      ) => {
        const before = await context.inTurn(() => configAt(namespace, from, 'from'))
        const after = await context.inTurn(() => configAt(namespace, to, 'to'))
        if (before.position > after.position) {
          const message = `${formatPosition(after.position)} lies before ${formatPosition(before.position)}, which is from`
          throw badUserInput([{ path: 'to', message }])
        }
        const differences = entityDifferences(before.entities, after.entities)
        return { from: before.position, to: after.position, ...differences }
      },
    },
    RouterConfig: { json: ({ entities }: RouterConfiguration) => skrouterdJson(entities) },
  }
}
