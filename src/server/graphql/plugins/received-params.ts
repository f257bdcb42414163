import { type GraphQLParams, isAsyncIterable, processRegularResult } from 'graphql-yoga'
import type { OperationPlugin } from '../context.ts'

/** Fastify accepts only JSON bodies, which other sites cannot send unasked. */
export const useReceivedParams = (): OperationPlugin => ({
  onRequestParse: ({ serverContext: { received }, setRequestParser }) =>
    setRequestParser(() => received as GraphQLParams | GraphQLParams[]),
  onResultProcess: ({ result, resultProcessor, setResultProcessor }) => {
    // JSON is the answer to an Accept header that names no type of Yoga's.
    if (resultProcessor === undefined && !isAsyncIterable(result))
      setResultProcessor(processRegularResult as Parameters<typeof setResultProcessor>[0], 'application/json')
  },
})
