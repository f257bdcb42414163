import type { RecordedEvent } from '../../../../schemas/events/recorded-event.ts'
import { laneOfEvent } from '../../../engine/overview/event-lane.ts'
import type { LaneStatus } from '../../../engine/overview/lane-status.ts'
import type { StatusChange } from '../../../engine/overview/types.ts'
import type { OperationContext } from '../context.ts'
import type { QueryStatusChangesArgs } from '../generated.ts'
import { omitNulls, pageRequest, readMoment, toTime } from '../inputs.ts'
import type { ResolverServices } from './shared.ts'

type Statuses = readonly (LaneStatus | undefined)[]

/** The events of a list are resolved one after the other: those of one turn are read together. */
class EventsOfTurn {
  readonly #events: RecordedEvent[] = []
  readonly #statuses: Promise<Statuses>

  constructor(read: (events: readonly RecordedEvent[]) => Promise<Statuses>) {
    this.#statuses = new Promise(setImmediate).then(() => read(this.#events))
  }

  async statusOf(event: RecordedEvent): Promise<LaneStatus | undefined> {
    const place = this.#events.push(event) - 1
    return (await this.#statuses)[place]
  }
}

export const statusChangeResolvers = ({ engine }: ResolverServices) => {
  const turns = new WeakMap<OperationContext, EventsOfTurn>()

  const turnOf = (context: OperationContext): EventsOfTurn => {
    const known = turns.get(context)
    if (known !== undefined) return known
    const turn = new EventsOfTurn(events => {
      turns.delete(context)
      return context.read(() => engine.read.statusesBegun(events))
    })
    turns.set(context, turn)
    return turn
  }

  return {
    Query: {
      statusChanges: async (_: unknown, args: QueryStatusChangesArgs, context: OperationContext) => {
        const { from, to, first, last, ...lane } = omitNulls(args)
        const page = pageRequest({ first, last })
        const window = { from: from && readMoment(from, 'from'), to: to && readMoment(to, 'to') }
        const request = { ...lane, ...window, first: page.first, last: page.last }
        const changes = await context.read(() => engine.read.statusChanges(request))
        context.countRows(changes.length)
        return changes
      },
    },
    StatusChange: {
      time: ({ time }: StatusChange) => toTime(time),
      event: (change: StatusChange, _: unknown, context: OperationContext) => context.read(() => change.event()),
    },
    EventRecord: {
      newStatus: (event: RecordedEvent, _: unknown, context: OperationContext) => {
        // A change of one namespace may have been caused in another.
        const lane = laneOfEvent(event)
        if (lane === undefined) return undefined
        context.requirePermission('read', lane.namespace)
        return turnOf(context).statusOf(event)
      },
    },
  }
}
