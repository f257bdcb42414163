import type { ListenerRow } from '../../../../projections/listener-status.ts'
import { BEGINNING, formatPosition, type Position } from '../../../../schemas/events/recorded-event.ts'
import type { StateChange, StateChangePage } from '../../../engine/history/types.ts'
import type { OperationContext } from '../context.ts'
import { type MomentInput, mustBeInOrder, positionBefore, readMoment } from '../inputs/moment-input.ts'
import { type Optional, omitNulls } from '../inputs/omit-nulls.ts'
import { pageRequest } from '../inputs/page-args.ts'
import type { Services } from './services.ts'

interface ChangesArguments {
  readonly namespace: string
  readonly listener?: Optional<string>
  readonly from?: Optional<MomentInput>
  readonly to?: Optional<MomentInput>
  readonly first?: Optional<number>
  readonly after?: Optional<Position>
}

/** Rows of another moment than now say so: what belongs to them is looked for there. */
const asOf = (row: ListenerRow | undefined, position: Position) => row && { ...row, asOf: position }

export const changeResolvers = ({ engine }: Services) => ({
  Query: {
    changes: async (_: unknown, args: ChangesArguments, context: OperationContext) => {
      const { namespace, listener, from, to, first, after } = omitNulls(args)
      const page = pageRequest({ first, after })
      const found = await context.inTurn(async () => {
        const begin = from === undefined ? BEGINNING : await positionBefore(engine, readMoment(from, 'from'))
        const end =
          to === undefined ? engine.read.head().position : (await engine.read.past(readMoment(to, 'to'))).position
        mustBeInOrder(begin, end)
        const window = { first: page.first, after: Math.max(begin, page.after ?? BEGINNING), to: end }
        return engine.read.changes({ namespace, listener }, window)
      })
      context.takeRows(found.changes.length)
      return found
    },
  },
  ChangeConnection: {
    edges: ({ changes }: StateChangePage) => changes,
    pageInfo: ({ changes, hasNextPage }: StateChangePage) => {
      const last = changes.at(-1)
      return { hasNextPage, endCursor: last && formatPosition(last.position) }
    },
  },
  ChangeEdge: {
    cursor: ({ position }: StateChange) => position,
    node: (change: StateChange) => change,
  },
  Change: {
    event: (change: StateChange, _: unknown, context: OperationContext) => context.inTurn(() => change.event()),
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
