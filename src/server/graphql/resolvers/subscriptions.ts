import type { MomentRequest } from '../../../engine/history/types.ts'
import type { ConnectorChange, ListenerChange } from '../../../engine/subscriptions/types.ts'
import type { OperationContext } from '../context.ts'
import type {
  SubscriptionConnectorsArgs,
  SubscriptionEventsArgs,
  SubscriptionHasMatchingConnectorArgs,
  SubscriptionListenerArgs,
  SubscriptionListenersArgs,
  SubscriptionReadyArgs,
  SubscriptionRouterConfigArgs,
  SubscriptionSitesArgs,
} from '../generated.ts'
import { omitNulls, readMoment } from '../inputs.ts'
import type { ResolverServices } from './shared.ts'

export const subscriptionResolvers = ({ engine: { watch }, subscriptions }: ResolverServices) => {
  const field = <Args extends Pick<SubscriptionEventsArgs, 'from'>>(
    open: (args: Omit<Args, 'from'>, signal: AbortSignal, from?: MomentRequest) => AsyncIterable<unknown>,
  ) => ({
    subscribe: (_: unknown, { from, ...args }: Args, context: OperationContext) => {
      const moment = from === undefined || from === null ? undefined : readMoment(from, 'from')
      return subscriptions.open(signal => open(args, signal, moment), context)
    },
    resolve: (value: unknown) => value,
  })

  return {
    Subscription: {
      listener: field<SubscriptionListenerArgs>(({ namespace, name }, ...rest) =>
        watch.listener(namespace, name, ...rest),
      ),
      listeners: field<SubscriptionListenersArgs>(({ namespace }, ...rest) =>
        watch.listeners(namespace ?? undefined, ...rest),
      ),
      connectors: field<SubscriptionConnectorsArgs>(({ namespace }, ...rest) =>
        watch.connectors(namespace ?? undefined, ...rest),
      ),
      sites: field<SubscriptionSitesArgs>(({ namespace }, ...rest) => watch.sites(namespace ?? undefined, ...rest)),
      hasMatchingConnector: field<SubscriptionHasMatchingConnectorArgs>(({ namespace, name }, ...rest) =>
        watch.hasMatchingConnector(namespace, name, ...rest),
      ),
      ready: field<SubscriptionReadyArgs>(({ namespace, name }, ...rest) => watch.ready(namespace, name, ...rest)),
      routerConfig: field<SubscriptionRouterConfigArgs>(({ namespace }, ...rest) =>
        watch.routerConfig(namespace, ...rest),
      ),
      events: field<SubscriptionEventsArgs>((filter, ...rest) => watch.events(omitNulls(filter), ...rest)),
    },
    ListenerChange: { listener: ({ row }: ListenerChange) => row },
    ConnectorChange: { connector: ({ row }: ConnectorChange) => row },
  }
}
