import { hasPermission } from '../../../auth/roles.ts'
import type { EventDensity } from '../../../engine/overview/types.ts'
import type { OperationContext } from '../context.ts'
import type { QueryEventDensityArgs } from '../generated.ts'
import { assertWithin, omitNulls, readMoment, toTime } from '../inputs.ts'
import { type ResolverServices, readableNamespaces } from './shared.ts'

const MAX_BUCKETS = 2000

export const overviewResolvers = ({ engine }: ResolverServices) => ({
  Query: {
    namespaces: (_: unknown, _args: object, { principal }: OperationContext) =>
      engine.read.namespaces().filter(namespace => hasPermission(principal, 'read', namespace)),
    eventDensity: (_: unknown, args: QueryEventDensityArgs, context: OperationContext) => {
      const { from, to, namespace, buckets = 500 } = omitNulls(args)
      assertWithin('buckets', buckets, MAX_BUCKETS)
      const namespaces = readableNamespaces(context.principal, namespace)
      const window = { from: from && readMoment(from, 'from'), to: to && readMoment(to, 'to') }
      return context.read(() => engine.read.density({ namespaces, buckets, ...window }))
    },
  },
  EventDensity: {
    from: ({ from }: EventDensity) => toTime(from),
    to: ({ to }: EventDensity) => toTime(to),
    bucketMilliseconds: ({ length }: EventDensity) => length,
    firstTime: ({ span }: EventDensity) => span && toTime(span.first),
    lastTime: ({ span }: EventDensity) => span && toTime(span.last),
  },
})
