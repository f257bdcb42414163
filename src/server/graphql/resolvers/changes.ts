import type { ListenerRow } from '../../../../projections/listener-status.ts'
import { BEGINNING, type Position } from '../../../../schemas/events/recorded-event.ts'
import type { StateChange, StateChangePage } from '../../../engine/history/types.ts'
import type { OperationContext } from '../context.ts'
import type { QueryChangesArgs } from '../generated.ts'
import { assertOrdered, omitNulls, pageRequest, positionBefore, readMoment } from '../inputs.ts'
import { isAt, isBeyond, type Lazy, positionEdgeFields, positionPageInfo, type ResolverServices } from './shared.ts'

interface ChangesOnPage extends StateChangePage {
  readonly hasPreviousPage: Lazy
}

const asOf = (row: ListenerRow | undefined, position: Position) => row && { ...row, asOf: position }

export const changeResolvers = ({ engine }: ResolverServices) => ({
  Query: {
    changes: async (_: unknown, args: QueryChangesArgs, context: OperationContext) => {
      const { namespace, listener, from, to, first, after } = omitNulls(args)
      const page = pageRequest({ first, after })
      const result = await context.read(async () => {
        const begin = from === undefined ? BEGINNING : await positionBefore(engine, readMoment(from, 'from'))
        const end =
          to === undefined ? engine.read.head().position : (await engine.read.past(readMoment(to, 'to'))).position
        assertOrdered(begin, end)
        const read = (size: number, from: Position) =>
          engine.read.changes({ namespace, listener }, { first: size, after: from, to: end })
        const { changes, hasNextPage } = await read(page.first, Math.max(begin, after ?? BEGINNING))
        const firstOfAll = () => context.read(async () => (await read(1, begin)).changes[0])
        return { changes, hasNextPage, hasPreviousPage: isBeyond(after, firstOfAll, isAt(changes[0])) }
      })
      context.countRows(result.changes.length)
      return result
    },
  },
  ChangeConnection: {
    edges: ({ changes }: ChangesOnPage) => changes,
    pageInfo: ({ changes, hasNextPage, hasPreviousPage }: ChangesOnPage) =>
      positionPageInfo(changes, hasNextPage, hasPreviousPage),
  },
  ChangeEdge: positionEdgeFields,
  Change: {
    event: (change: StateChange, _: unknown, context: OperationContext) => context.read(() => change.event()),
    listeners: ({ position, listeners }: StateChange) =>
      listeners.map(({ name, before, after }) => ({
        name,
        before: asOf(before, position - 1),
        after: asOf(after, position),
      })),
    added: ({ routerConfig }: StateChange) => routerConfig.added,
    removed: ({ routerConfig }: StateChange) => routerConfig.removed,
    changed: ({ routerConfig }: StateChange) => routerConfig.changed,
  },
})
