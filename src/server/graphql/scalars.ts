import { GraphQLError, type GraphQLScalarTypeConfig, type ValueNode, valueFromASTUntyped } from 'graphql'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { formatPosition, parsePosition } from '../../../schemas/events/recorded-event.ts'

/** Valid input is shallower; deeper input could overflow the stack. */
const MAX_JSON_DEPTH = 64

type Scalar = Pick<GraphQLScalarTypeConfig<unknown, unknown>, 'serialize' | 'parseValue' | 'parseLiteral'>
type Parse = (value: unknown, node?: ValueNode) => unknown

const scalar = (serialize: (value: unknown) => unknown, parse: Parse): Scalar => ({
  serialize,
  parseValue: value => parse(value),
  parseLiteral: (node, variables) => parse(valueFromASTUntyped(node, variables), node),
})

export const positionScalar = scalar(
  position => formatPosition(position as Position),
  (text, node) => {
    const position = typeof text === 'string' ? parsePosition(text) : undefined
    if (position !== undefined) return position
    throw new GraphQLError('Position must be one that Hark returned, such as 0000000000000042', { nodes: node ?? null })
  },
)

const isWithin = (value: unknown, depth: number): boolean => {
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  return Object.values(value).every(part => isWithin(part, depth - 1))
}

export const jsonScalar = scalar(
  value => value,
  (value, node) => {
    if (isWithin(value, MAX_JSON_DEPTH)) return value
    throw new GraphQLError(`JSON must not be nested more than ${MAX_JSON_DEPTH} levels deep`, { nodes: node ?? null })
  },
)
