import { createServerAdapter } from '@whatwg-node/server'
import { execute } from 'graphql'
import { YogaServer, type YogaServerInstance } from 'graphql-yoga'
import type { Metrics } from '../http/metrics.ts'
import type { RequestGate } from '../http/request-gate.ts'
import type { EnforcedLimits } from '../limits.ts'
import type { OperationContext, OperationPlugin } from './context.ts'
import { useAuthorization } from './plugins/authorization.ts'
import { useBatches } from './plugins/batches.ts'
import { useCommandMetrics } from './plugins/command-metrics.ts'
import { documentCache } from './plugins/document-cache.ts'
import { useEventStreams } from './plugins/event-streams.ts'
import { useFairness } from './plugins/fairness.ts'
import { GRAPHIQL, renderGraphiql, useCompressedGraphiql } from './plugins/graphiql.ts'
import { useCommandRateLimit } from './plugins/limit-command-rate.ts'
import { useMaskedErrors } from './plugins/masked-errors.ts'
import { useOperationRules } from './plugins/operation-rules.ts'
import { useQueryLimits } from './plugins/query-limits.ts'
import { useQueryMetrics } from './plugins/query-metrics.ts'
import { useReceivedParams } from './plugins/received-params.ts'
import { useRejectedCommands } from './plugins/rejected-commands.ts'
import { useSlicedResults } from './plugins/sliced-results.ts'
import { useSubscriptions } from './plugins/subscriptions.ts'
import { useWellFormedText } from './plugins/well-formed-text.ts'
import { useYields } from './plugins/yields.ts'
import type { ResolverServices } from './resolvers/shared.ts'
import { createSchema } from './schema.ts'

export type Yoga = YogaServerInstance<OperationContext, object>

interface YogaServices extends ResolverServices {
  readonly limits: EnforcedLimits
  readonly gate: RequestGate
  readonly metrics: Metrics
  readonly hasGraphiql: () => boolean
}

/** Its executor is faster than Yoga's. */
const useGraphqlJs = (): OperationPlugin => ({ onExecute: ({ setExecuteFn }) => setExecuteFn(execute) })

/**
 * Like createYoga, but without looking up the global Request, for which Node.js loads its client of fetch: 4 MB. They differ.
 */
const adapterOf = (server: YogaServer<OperationContext, object>): Yoga =>
  createServerAdapter(server, {
    fetchAPI: server.fetchAPI,
    // biome-ignore lint/complexity/useLiteralKeys: it is private
    plugins: server['plugins'],
    __useCustomAbortCtrl: true,
  })

/** Fastify has CORS and the limits of requests. */
export const createYoga = (services: YogaServices): Yoga => {
  const { limits, gate, metrics, engine, hasGraphiql } = services
  const server = new YogaServer<OperationContext, object>({
    schema: createSchema(services),
    logging: false,
    cors: false,
    landingPage: false,
    maxRequestBodySize: false,
    maskedErrors: false,
    batching: { limit: limits.batch },
    parserAndValidationCache: documentCache(),
    graphiql: () => hasGraphiql() && GRAPHIQL,
    renderGraphiQL: renderGraphiql,
    plugins: [
      useCommandMetrics(metrics),
      useAuthorization(),
      useRejectedCommands(engine),
      useCommandRateLimit(gate),
      useYields(),
      useReceivedParams(),
      useBatches(limits, gate),
      useWellFormedText(),
      useQueryLimits(limits),
      useOperationRules(),
      useGraphqlJs(),
      useFairness(),
      useMaskedErrors(),
      useSlicedResults(),
      useSubscriptions(),
      useEventStreams(),
      // Last, to include the serialization of large results.
      useQueryMetrics(metrics),
      useCompressedGraphiql(),
    ],
  })
  return adapterOf(server)
}
