import type { Position } from '../../../../schemas/events/recorded-event.ts'
import type { Bisection } from '../../../engine/history/types.ts'
import type { OperationContext } from '../context.ts'
import type { ListenerKind, QueryBisectArgs } from '../generated.ts'
import { omitNulls, readMoment } from '../inputs.ts'
import { keptFields, type ResolverServices } from './shared.ts'

const OUTCOMES = { found: 'Found', before: 'Before', never: 'Never' } as const

interface Subject {
  readonly kind: ListenerKind
  readonly namespace: string
  readonly name: string
}

type Found = Subject & Bisection & Partial<ReturnType<typeof keptFields>>

export const bisectResolvers = ({ engine }: ResolverServices) => {
  const changeAt = async (
    { kind, namespace, name }: Subject,
    position: Position | undefined,
    context: OperationContext,
  ) => {
    if (position === undefined) return undefined
    const subject = kind === 'Listener' ? { namespace, listener: name } : { namespace, multiKeyListener: name }
    const page = { first: 1, after: position - 1, to: position }
    const { changes } = await context.read(() => engine.read.changes(subject, page))
    return changes[0]
  }

  return {
    Query: {
      bisect: async (_: unknown, args: QueryBisectArgs, context: OperationContext): Promise<Found> => {
        const {
          kind = 'Listener',
          namespace,
          name,
          condition: type = 'Ready',
          from,
          to,
          latest = false,
        } = omitNulls(args)
        const window = { from: from && readMoment(from, 'from'), to: to && readMoment(to, 'to') }
        const kept = args.from == null ? engine.read.kept() : undefined
        const found = await context.read(() => engine.read.bisect({ kind, namespace, name, type, latest, ...window }))
        return { kind, namespace, name, ...found, ...keptFields(kept) }
      },
    },
    Bisection: {
      outcome: ({ outcome }: Found) => OUTCOMES[outcome],
      change: (found: Found, _: unknown, context: OperationContext) =>
        found.outcome === 'found' ? changeAt(found, found.position, context) : undefined,
      failure: (found: Found, _: unknown, context: OperationContext) =>
        found.outcome === 'found' ? changeAt(found, found.failure, context) : undefined,
      command: (found: Found, _: unknown, context: OperationContext) =>
        found.outcome === 'found'
          ? context.read(() => engine.read.lastCommand(found.kind, found.namespace, found.name, found.position))
          : undefined,
    },
  }
}
