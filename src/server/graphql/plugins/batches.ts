import { getOperationAST, OperationTypeNode } from 'graphql'
import type { GraphQLParams, YogaServer } from 'graphql-yoga'
import type { RequestGate } from '../../http/request-gate.ts'
import { type EnforcedLimits, overLimit } from '../../limits.ts'
import type { OperationContext, OperationPlugin } from '../context.ts'
import { httpError } from '../mask-error.ts'

/** Executes the operations of a batch in order, as clients expect of mutations. */
export const useBatches = (limits: EnforcedLimits, gate: RequestGate): OperationPlugin => {
  const latest = new WeakMap<Request, Promise<void>>()
  let yoga: Pick<YogaServer<OperationContext, object>, 'getEnveloped'>
  return {
    onYogaInit: payload => {
      yoga = payload.yoga
    },
    onRequestParse: ({ serverContext }) => ({
      onRequestParseDone: ({ requestParserResult: operations }) => {
        if (!Array.isArray(operations)) return
        assertLimit(operations.length, limits)
        if (operations.some(operation => isSubscription(operation, serverContext, yoga)))
          throw httpError('a batch must not contain a subscription', 406)
      },
    }),
    onParams: ({ request, context, paramsHandler, setParamsHandler }) => {
      if (!Array.isArray(context.received)) return
      const previous = latest.get(request)
      // The request gate counted the first operation.
      if (previous !== undefined) gate.readmit(context.principal, context.caller.clientAddress ?? '')
      const { promise, resolve } = Promise.withResolvers<void>()
      latest.set(request, promise)
      setParamsHandler(async payload => {
        await previous
        try {
          return await paramsHandler(payload)
        } finally {
          resolve()
        }
      })
    },
  }
}

const assertLimit = (count: number, limits: EnforcedLimits): void => {
  const { batch } = limits
  if (count <= batch) return
  limits.hit('batch')
  throw httpError(overLimit('batch', `too many operations in a request (${count}): the limit is ${batch}`), 400)
}

const isSubscription = (
  params: GraphQLParams,
  serverContext: OperationContext,
  { getEnveloped }: Pick<YogaServer<OperationContext, object>, 'getEnveloped'>,
): boolean => {
  try {
    const document = getEnveloped(Object.assign(Object.create(serverContext), { params })).parse(params.query ?? '')
    return getOperationAST(document, params.operationName)?.operation === OperationTypeNode.SUBSCRIPTION
  } catch {
    return false
  }
}
