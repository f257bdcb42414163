import type { ListenerChange } from '../../engine/engine.ts'
import { given, type Optional } from '../given.ts'
import type { EventFilterArguments } from './events.ts'
import type { Services } from './services.ts'

interface ResourceName {
  readonly namespace: string
  readonly name: string
}

export const subscriptionResolvers = ({ engine: { watch }, subscriptions }: Services) => {
  const field = <Arguments>(open: (args: Arguments, signal: AbortSignal) => AsyncIterable<unknown>) => ({
    subscribe: (_: unknown, args: Arguments) => subscriptions.open(signal => open(args, signal)),
    resolve: (value: unknown) => value,
  })

  return {
    Subscription: {
      listener: field<ResourceName>(({ namespace, name }, signal) => watch.listener(namespace, name, signal)),
      listeners: field<{ namespace?: Optional<string> }>(({ namespace }, signal) =>
        watch.listeners(namespace ?? undefined, signal),
      ),
      hasMatchingConnector: field<ResourceName>(({ namespace, name }, signal) =>
        watch.hasMatchingConnector(namespace, name, signal),
      ),
      ready: field<ResourceName>(({ namespace, name }, signal) => watch.ready(namespace, name, signal)),
      routerConfig: field<{ namespace: string }>(({ namespace }, signal) => watch.routerConfig(namespace, signal)),
      events: field<EventFilterArguments>((filter, signal) => watch.events(given(filter), signal)),
    },
    ListenerChange: { listener: ({ row }: ListenerChange) => row },
  }
}
