import type { ConditionInterval, Timeline } from '../../../../projections/timeline.ts'
import type { ConditionedKind } from '../../../../schemas/resources/kinds.ts'
import type { AsOf, RowOf } from '../../../engine/resources/registry.ts'
import type { OperationContext } from '../context.ts'
import type { ListenerConditionTimelineArgs } from '../generated.ts'
import { omitNulls, readMoment, toTime } from '../inputs.ts'
import type { ResolverServices } from './shared.ts'

export const conditionTimelineResolvers = ({ engine }: ResolverServices) => {
  const timelineOf =
    (kind: ConditionedKind) =>
    async (
      row: RowOf<ConditionedKind> & Partial<AsOf>,
      args: ListenerConditionTimelineArgs,
      context: OperationContext,
    ) => {
      const { type, from, to } = omitNulls(args)
      const { namespace, name, creationTimestamp, asOf } = row
      const present = asOf === undefined ? undefined : { position: asOf }
      const window = {
        from: from && readMoment(from, 'from'),
        since: creationTimestamp,
        to: to === undefined ? present : readMoment(to, 'to'),
      }
      const timeline = await context.read(() => engine.read.timeline({ kind, namespace, name, type, ...window }))
      context.countRows(timeline.intervals.length)
      return { ...timeline, type }
    }

  return {
    Listener: { conditionTimeline: timelineOf('Listener') },
    MultiKeyListener: { conditionTimeline: timelineOf('MultiKeyListener') },
    ConditionTimeline: {
      from: ({ from }: Timeline) => toTime(from),
      to: ({ to }: Timeline) => toTime(to),
    },
    ConditionInterval: {
      from: ({ from }: ConditionInterval) => toTime(from),
      to: ({ to }: ConditionInterval) => to && toTime(to),
    },
  }
}
