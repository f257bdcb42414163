import { badUserInput } from '../../../../schemas/errors.ts'
import { BEGINNING, type Position } from '../../../../schemas/events/recorded-event.ts'
import type { ResourceDifference, StateChange, StateChangePage } from '../../../engine/history/types.ts'
import type { KeptHistory } from '../../../engine/read-models/persistence/kept-history.ts'
import type { OperationContext } from '../context.ts'
import type { QueryChangesArgs } from '../generated.ts'
import { assertOrdered, omitNulls, pageRequest, positionBefore, readMoment } from '../inputs.ts'
import {
  isAt,
  isBeyond,
  keptFields,
  type Lazy,
  positionEdgeFields,
  positionPageInfo,
  type ResolverServices,
} from './shared.ts'

interface ChangesOnPage extends StateChangePage {
  readonly hasPreviousPage: Lazy
}

const asOf = (row: object | undefined, position: Position) => row && { ...row, asOf: position }

const differencesAt = (position: Position, differences: readonly ResourceDifference<object>[]) =>
  differences.map(({ name, before, after }) => ({
    name,
    before: asOf(before, position - 1),
    after: asOf(after, position),
  }))

/** A window that ends before the history begins is rejected for that reason. */
const beginOf = (kept: KeptHistory | undefined, end: Position): Position =>
  kept === undefined || kept.position > end ? BEGINNING : kept.position

export const changeResolvers = ({ engine }: ResolverServices) => ({
  Query: {
    changes: async (_: unknown, args: QueryChangesArgs, context: OperationContext) => {
      const { from, to, first, after, ...subject } = omitNulls(args)
      if (subject.listener !== undefined && subject.multiKeyListener !== undefined)
        throw badUserInput([{ path: 'multiKeyListener', message: 'must not stand beside listener' }])
      const page = pageRequest({ first, after })
      const kept = from === undefined ? engine.read.kept() : undefined
      const result = await context.read(async () => {
        const end =
          to === undefined ? engine.read.head().position : (await engine.read.past(readMoment(to, 'to'))).position
        const begin = from === undefined ? beginOf(kept, end) : await positionBefore(engine, readMoment(from, 'from'))
        assertOrdered(begin, end)
        const read = (size: number, from: Position) =>
          engine.read.changes(subject, { first: size, after: from, to: end })
        const { changes, hasNextPage } = await read(page.first, Math.max(begin, after ?? BEGINNING))
        const firstOfAll = () => context.read(async () => (await read(1, begin)).changes[0])
        return {
          changes,
          hasNextPage,
          hasPreviousPage: isBeyond(after, firstOfAll, isAt(changes[0])),
          ...keptFields(kept),
        }
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
    listeners: ({ position, listeners }: StateChange) => differencesAt(position, listeners),
    multiKeyListeners: ({ position, multiKeyListeners }: StateChange) => differencesAt(position, multiKeyListeners),
    added: ({ routerConfig }: StateChange) => routerConfig.added,
    removed: ({ routerConfig }: StateChange) => routerConfig.removed,
    changed: ({ routerConfig }: StateChange) => routerConfig.changed,
  },
})
