import type { ListenerRow } from '../../../../projections/listener-status.ts'
import type { MatchingConnector } from '../../../engine/queries/matching-connectors.ts'
import type { PastOf } from '../../../engine/resources/registry.ts'
import type { OperationContext } from '../context.ts'
import type { ResolverServices } from './shared.ts'

const CONNECTOR_LOCATION = ['site', 'name', 'host', 'port'] as const

type PastListener = PastOf<'Listener'>

/** Subscriptions emit it without connectors, which most readers do not select. */
type PastRow = Pick<PastListener, 'namespace' | 'name' | 'asOf'> & Partial<PastListener>

export const listenerResolvers = ({ engine }: ResolverServices) => {
  const pastConnectors = async (row: PastRow, context: OperationContext): Promise<readonly MatchingConnector[]> => {
    if (row.matchingConnectors !== undefined) return row.matchingConnectors
    const { namespace, name, asOf } = row
    const listener = await context.read(async () =>
      (await engine.read.past({ position: asOf })).resource('Listener', namespace, name),
    )
    return listener?.matchingConnectors ?? []
  }

  return {
    Listener: {
      matchingConnectors: async (row: ListenerRow | PastListener, _: unknown, context: OperationContext) => {
        const connectors = 'asOf' in row ? await pastConnectors(row, context) : engine.read.matchingConnectors(row)
        context.countRows(connectors.length)
        return connectors
      },
    },
    MatchingConnector: Object.fromEntries(
      CONNECTOR_LOCATION.map(field => [
        field,
        (connector: MatchingConnector, _: unknown, context: OperationContext) => {
          if (connector.namespace !== undefined) context.requirePermission('read', connector.namespace)
          return connector[field]
        },
      ]),
    ),
  }
}
