import { skrouterdJson } from '../../../../projections/router-config/router-config.ts'
import { badUserInput } from '../../../../schemas/errors.ts'
import { formatPosition } from '../../../../schemas/events/recorded-event.ts'
import { CONDITIONED_KINDS, plural } from '../../../../schemas/resources/kinds.ts'
import { entityDifferences } from '../../../engine/queries/router-config-diff.ts'
import type { RouterConfiguration } from '../../../engine/queries/types.ts'
import type { OperationContext } from '../context.ts'
import type { Moment, QueryRouterConfigArgs, QueryRouterConfigDiffArgs, QueryRoutingKeyArgs } from '../generated.ts'
import { omitNulls, readMoment } from '../inputs.ts'
import type { ResolverServices } from './shared.ts'

export const routerConfigResolvers = ({ engine }: ResolverServices) => {
  const configAt = (context: OperationContext, namespace: string, moment: Moment, path: string) =>
    context.read(async () => (await engine.read.past(readMoment(moment, path))).routerConfig(namespace))

  return {
    Query: {
      routingKey: (_: unknown, { name }: QueryRoutingKeyArgs) => {
        const uses = engine.read.routingKeyUses(name)
        return {
          name,
          ...Object.fromEntries(CONDITIONED_KINDS.map(kind => [plural(kind), uses.filter(use => use.kind === kind)])),
        }
      },
      routerConfig: (_: unknown, args: QueryRouterConfigArgs, context: OperationContext) => {
        const { namespace, at } = omitNulls(args)
        return at === undefined ? engine.read.routerConfig(namespace) : configAt(context, namespace, at, 'at')
      },
      routerConfigDiff: async (
        _: unknown,
        { namespace, from, to }: QueryRouterConfigDiffArgs,
        context: OperationContext,
      ) => {
        const before = await configAt(context, namespace, from, 'from')
        const after = await configAt(context, namespace, to, 'to')
        if (before.position > after.position) {
          const message = `must not be before from: ${formatPosition(after.position)} is before ${formatPosition(before.position)}`
          throw badUserInput([{ path: 'to', message }])
        }
        const differences = entityDifferences(before.entities, after.entities)
        return { from: before.position, to: after.position, ...differences }
      },
    },
    RouterConfig: { json: ({ entities }: RouterConfiguration) => skrouterdJson(entities) },
  }
}
