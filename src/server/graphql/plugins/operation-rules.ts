import { type DocumentNode, GraphQLError, getOperationAST, OperationTypeNode } from 'graphql'
import type { OperationContext, OperationPlugin } from '../context.ts'
import { httpError } from '../mask-error.ts'

export const EVENT_STREAM = 'text/event-stream'
/** nginx and others would send events when they have some kilobytes. */
export const UNBUFFERED = { 'x-accel-buffering': 'no' } as const

export const acceptsEvents = (accept: string): boolean => accept.includes(EVENT_STREAM) || accept.includes('*/*')

export const useOperationRules = (): OperationPlugin => ({
  onParse:
    () =>
    ({ result, context, replaceParseResult }) => {
      const fault = result instanceof Error ? undefined : faultOf(result, context)
      if (fault !== undefined) replaceParseResult(fault)
    },
})

const faultOf = (
  document: DocumentNode,
  { params, request }: Pick<OperationContext, 'params' | 'request'>,
): GraphQLError | undefined => {
  const name = params?.operationName
  const operation = getOperationAST(document, name)?.operation
  if (operation === undefined) {
    const message = name
      ? `The document has no operation named ${name}`
      : 'operationName is required: the document does not have exactly one operation'
    return new GraphQLError(message)
  }
  if (request === undefined) return undefined
  if (operation === OperationTypeNode.MUTATION && request.method !== 'POST')
    return httpError('a mutation requires POST', 405, { allow: 'POST' })
  if (operation === OperationTypeNode.SUBSCRIPTION && !acceptsEvents(request.headers.get('accept') ?? '*/*'))
    return httpError(`a subscription requires Accept: ${EVENT_STREAM}, or a WebSocket`, 406)
  return undefined
}
