import type { Position } from '../../../../schemas/events/recorded-event.ts'
import type { OperationContext } from '../context.ts'
import type { QueryNodeArgs, QueryNodesArgs } from '../generated.ts'
import { fromGlobalId, type ResourceId } from '../global-id.ts'
import type { ResolverServices } from './shared.ts'

export const nodeResolvers = ({ engine: { read } }: ResolverServices) => {
  const current = ({ kind, namespace, name = '' }: ResourceId): object | undefined =>
    kind === 'Site' ? read.sites().find(site => site.namespace === namespace) : read.resource(kind, namespace, name)

  const past = async ({ kind, namespace, name = '' }: ResourceId, position: Position): Promise<object | undefined> => {
    if (position > read.head().position) return undefined
    const view = await read.past({ position })
    if (kind !== 'Site') return view.resource(kind, namespace, name)
    return (await view.sites()).find(site => site.namespace === namespace)
  }

  const node = async (id: string, context: OperationContext): Promise<object | undefined> => {
    const resource = fromGlobalId(id)
    if (resource === undefined) return undefined
    const { kind, asOf } = resource
    const row = asOf === undefined ? current(resource) : await context.read(() => past(resource, asOf))
    return row && { ...row, __typename: kind }
  }

  return {
    Query: {
      node: (_: unknown, { id }: QueryNodeArgs, context: OperationContext) => node(id, context),
      nodes: (_: unknown, { ids }: QueryNodesArgs, context: OperationContext) => {
        context.countRows(ids.length)
        return Promise.all(ids.map(id => node(id, context)))
      },
    },
  }
}
