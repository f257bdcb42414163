import { isAsyncIterable } from 'graphql-yoga'
import type { OperationContext, OperationPlugin } from '../context.ts'
import type { Result } from '../result.ts'

export const useMaskedErrors = (): OperationPlugin => ({
  onExecute: ({ args: { contextValue } }) => ({
    onExecuteDone: ({ result, setResult }) => {
      if (!isAsyncIterable(result) && result.errors !== undefined) setResult(masked(result, contextValue))
    },
  }),
  onSubscribe: ({ args: { contextValue } }) => ({
    onSubscribeResult: ({ result, setResult }) => {
      if (!isAsyncIterable(result) && result.errors !== undefined) setResult(masked(result, contextValue))
    },
  }),
  onResultProcess: ({ result, setResult, serverContext }) => {
    if (isAsyncIterable(result)) return
    if (Array.isArray(result)) setResult(result.map(each => masked(each, serverContext)))
    else if (!('data' in result)) setResult(withStatus(result, serverContext))
  },
})

const masked = (result: Result, context: OperationContext): Result =>
  result.errors === undefined ? result : { ...result, errors: result.errors.map(error => context.mask(error)) }

/** GraphQL over HTTP: an operation that was not executed is 400, but 200 with application/json. */
const withStatus = ({ errors = [] }: Result, context: OperationContext): Result => ({
  errors: errors.map(error => {
    const result = context.mask(error)
    const isUnexpected = result.extensions.code === 'INTERNAL_SERVER_ERROR'
    const { status = isUnexpected ? 500 : 400, headers, spec = true } = error.extensions.http ?? {}
    const http = { status, headers, spec: spec && status === 400 }
    return Object.assign(result, { extensions: { ...result.extensions, http } })
  }),
})
