import type { MomentRequest } from '../../../engine/history/types.ts'
import type { Watch } from '../../../engine/subscriptions/types.ts'
import type { OperationContext } from '../context.ts'
import type {
  SubscriptionEventsArgs,
  SubscriptionHasMatchingConnectorArgs,
  SubscriptionListenerArgs,
  SubscriptionReadyArgs,
  SubscriptionRouterConfigArgs,
  SubscriptionSitesArgs,
} from '../generated.ts'
import { omitNulls, readMoment } from '../inputs.ts'
import type { OpenSubscriptions } from '../subscription-registry.ts'
import type { ResolverServices } from './shared.ts'

type From = Pick<SubscriptionEventsArgs, 'from'>

export const subscriptionField = <Args extends From>(
  subscriptions: OpenSubscriptions,
  open: (args: Omit<Args, 'from'>, signal: AbortSignal, from?: MomentRequest) => Watch<unknown>,
) => ({
  subscribe: (_: unknown, { from, ...args }: Args, context: OperationContext) => {
    const moment = from === undefined || from === null ? undefined : readMoment(from, 'from')
    return subscriptions.open(signal => open(args, signal, moment), context)
  },
  resolve: (value: unknown) => value,
})

interface AnyChange {
  readonly eventType?: string
  readonly isBookmark?: true
}

export const changeFields = {
  type: ({ eventType, isBookmark }: AnyChange) => {
    if (isBookmark) return 'Bookmark'
    return eventType === undefined ? 'Initial' : 'Changed'
  },
}

export const subscriptionResolvers = ({ engine: { watch }, subscriptions }: ResolverServices) => {
  const field = <Args extends From>(open: Parameters<typeof subscriptionField<Args>>[1]) =>
    subscriptionField<Args>(subscriptions, open)

  return {
    Subscription: {
      listener: field<SubscriptionListenerArgs>(({ namespace, name }, ...rest) =>
        watch.resource('Listener', namespace, name, ...rest),
      ),
      sites: field<SubscriptionSitesArgs>((scope, ...rest) => watch.sites(omitNulls(scope), ...rest)),
      hasMatchingConnector: field<SubscriptionHasMatchingConnectorArgs>(({ namespace, name }, ...rest) =>
        watch.hasMatchingConnector(namespace, name, ...rest),
      ),
      ready: field<SubscriptionReadyArgs>(({ namespace, name }, ...rest) => watch.ready(namespace, name, ...rest)),
      routerConfig: field<SubscriptionRouterConfigArgs>(({ namespace }, ...rest) =>
        watch.routerConfig(namespace, ...rest),
      ),
      events: field<SubscriptionEventsArgs>((filter, ...rest) => watch.events(omitNulls(filter), ...rest)),
    },
  }
}
