import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql'
import type { AnyConditions } from '../../../../projections/shared/evaluate-conditions.ts'
import { conditionsOf, resourceStatus } from '../../../../projections/shared/evaluate-conditions.ts'
import { type ConditionedKind, plural, singular } from '../../../../schemas/resources/kinds.ts'
import { labelSelector } from '../../../../schemas/resources/label-selector.ts'
import { laneStatusFor } from '../../../engine/overview/lane-status.ts'
import type { AsOf, RowOf } from '../../../engine/resources/registry.ts'
import type { OperationContext } from '../context.ts'
import type {
  ListenerHistoryArgs,
  QueryListenerArgs,
  QueryListenersArgs,
  SubscriptionListenersArgs,
} from '../generated.ts'
import { omitNulls, pageRequest, readMoment } from '../inputs.ts'
import { readEventPage } from './events.ts'
import { afterCommand, edgeFields, pageFields, type ResolverServices, resourceFields } from './shared.ts'
import { changeFields, subscriptionField } from './subscriptions.ts'

const DERIVED = 'matchingConnectors'

/** Whether a field of this name is selected anywhere below, included or not. */
const selects = ({ fieldNodes, fragments }: GraphQLResolveInfo, name: string): boolean => {
  const isIn = (selectionSet: SelectionSetNode | undefined): boolean =>
    selectionSet?.selections.some(selection => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return isIn(fragments[selection.name.value]?.selectionSet)
      return (selection.kind === Kind.FIELD && selection.name.value === name) || isIn(selection.selectionSet)
    }) ?? false
  return fieldNodes.some(({ selectionSet }) => isIn(selectionSet))
}

type Row = RowOf<ConditionedKind> & Partial<AsOf>

export const conditionedResolvers = (kind: ConditionedKind, { engine, subscriptions }: ResolverServices) => ({
  Query: {
    [singular(kind)]: async (_: unknown, args: QueryListenerArgs, context: OperationContext) => {
      const { namespace, name, at } = omitNulls(args)
      if (at === undefined) return engine.read.resource(kind, namespace, name)
      return context.read(async () => (await engine.read.past(readMoment(at, 'at'))).resource(kind, namespace, name))
    },
    [plural(kind)]: async (
      _: unknown,
      args: QueryListenersArgs,
      context: OperationContext,
      info: GraphQLResolveInfo,
    ) => {
      const { first, after, last, before, orderBy, at, ...filter } = omitNulls(args)
      const request = { ...pageRequest({ first, after, last, before }), orderBy }
      // Here, because an error of the past's thread has no code.
      if (filter.labelSelector !== undefined) labelSelector(filter.labelSelector)
      const page =
        at === undefined
          ? engine.read.resources(kind, filter, request)
          : await context.read(async () =>
              (await engine.read.past(readMoment(at, 'at'))).resources(kind, filter, request, !selects(info, DERIVED)),
            )
      context.countRows(page.rows.length)
      return page
    },
  },
  Subscription: {
    [plural(kind)]: subscriptionField<SubscriptionListenersArgs>(subscriptions, (scope, ...rest) =>
      engine.watch.resources(kind, omitNulls(scope), ...rest),
    ),
  },
  [kind]: {
    ...resourceFields(kind),
    status: (row: Row) => row,
    history: ({ namespace, name, asOf }: Row, args: ListenerHistoryArgs, context: OperationContext) => {
      // The page ends at the row's moment.
      const page = { ...pageRequest(omitNulls(args)), to: asOf }
      return readEventPage(context, () => engine.read.history(kind, namespace, name, page))
    },
  },
  [`${kind}Status`]: {
    status: ({ conditions }: { conditions: AnyConditions }) => resourceStatus(conditions),
    laneStatus: ({ conditions }: { conditions: AnyConditions }) => laneStatusFor(conditions.Ready.reason),
    message: ({ conditions }: { conditions: AnyConditions }) => conditions.Ready.message,
    conditions: ({ conditions }: { conditions: AnyConditions }) => conditionsOf(conditions),
  },
  [`${kind}Connection`]: pageFields,
  [`${kind}Edge`]: edgeFields,
  [`${kind}Payload`]: { [singular(kind)]: afterCommand },
  [`${kind}Change`]: { ...changeFields, [singular(kind)]: ({ row }: { readonly row?: Row }) => row },
})
