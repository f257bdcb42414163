import type { MomentRequest } from '../../../engine/history/types.ts'
import type { ListenerChange } from '../../../engine/subscriptions/types.ts'
import type { OperationContext } from '../context.ts'
import { type MomentInput, readMoment } from '../inputs/moment-input.ts'
import { type Optional, omitNulls } from '../inputs/omit-nulls.ts'
import type { EventFilterArguments } from './events.ts'
import type { Services } from './services.ts'

interface From {
  readonly from?: Optional<MomentInput>
}

interface ResourceName extends From {
  readonly namespace: string
  readonly name: string
}

export const subscriptionResolvers = ({ engine: { watch }, subscriptions }: Services) => {
  const field = <Arguments extends From>(
    open: (args: Omit<Arguments, 'from'>, signal: AbortSignal, from?: MomentRequest) => AsyncIterable<unknown>,
  ) => ({
    subscribe: (_: unknown, { from, ...args }: Arguments, context: OperationContext) => {
      const moment = from === undefined || from === null ? undefined : readMoment(from, 'from')
      return subscriptions.open(signal => open(args, signal, moment), context)
    },
    resolve: (value: unknown) => value,
  })

  return {
    Subscription: {
      listener: field<ResourceName>(({ namespace, name }, ...more) => watch.listener(namespace, name, ...more)),
      listeners: field<From & { namespace?: Optional<string> }>(({ namespace }, ...more) =>
        watch.listeners(namespace ?? undefined, ...more),
      ),
      hasMatchingConnector: field<ResourceName>(({ namespace, name }, ...more) =>
        watch.hasMatchingConnector(namespace, name, ...more),
      ),
      ready: field<ResourceName>(({ namespace, name }, ...more) => watch.ready(namespace, name, ...more)),
      routerConfig: field<From & { namespace: string }>(({ namespace }, ...more) =>
        watch.routerConfig(namespace, ...more),
      ),
      events: field<From & EventFilterArguments>((filter, ...more) => watch.events(omitNulls(filter), ...more)),
    },
    ListenerChange: { listener: ({ row }: ListenerChange) => row },
  }
}
