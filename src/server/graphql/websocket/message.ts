import type { OperationRequest } from '../request-parser.ts'

/** Messages of graphql-transport-ws. */
export type ClientMessage =
  | { readonly type: 'connection_init'; readonly payload?: Readonly<Record<string, unknown>> | undefined }
  | { readonly type: 'ping' | 'pong'; readonly payload?: unknown }
  | { readonly type: 'subscribe'; readonly id: string; readonly payload: OperationRequest }
  | { readonly type: 'complete'; readonly id: string }

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isAbsentOr = (is: (value: unknown) => boolean, value: unknown): boolean => value == null || is(value)

const isString = (value: unknown): boolean => typeof value === 'string'

const isId = (value: unknown): value is string => typeof value === 'string' && value !== ''

const isRequest = (payload: unknown): payload is OperationRequest & Readonly<Record<string, unknown>> =>
  isObject(payload) &&
  isString(payload.query) &&
  isAbsentOr(isString, payload.operationName) &&
  isAbsentOr(isObject, payload.variables) &&
  isAbsentOr(isObject, payload.extensions)

export const parseMessage = (text: string): ClientMessage | undefined => {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(message)) return undefined
  const { type, id, payload } = message
  switch (type) {
    case 'connection_init':
      return isAbsentOr(isObject, payload) ? { type, payload: isObject(payload) ? payload : undefined } : undefined
    case 'ping':
    case 'pong':
      return isAbsentOr(isObject, payload) ? { type, payload } : undefined
    case 'subscribe':
      return isId(id) && isRequest(payload) ? { type, id, payload } : undefined
    case 'complete':
      return isId(id) ? { type, id } : undefined
    default:
      return undefined
  }
}
