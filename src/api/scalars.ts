import { GraphQLError, GraphQLScalarType } from 'graphql'
import { formatPosition, parsePosition } from '../../schemas/position.ts'
import type { Position } from '../../schemas/recorded-event.ts'

/** Nothing that Hark takes is nested deeper; what is would only ever be meant to break whoever walks through it. */
const MAX_JSON_DEPTH = 64

export const positionScalar = new GraphQLScalarType<Position, string>({
  name: 'Position',
  serialize: position => formatPosition(position as Position),
  parseValue: value => {
    const position = typeof value === 'string' ? parsePosition(value) : undefined
    if (position === undefined) throw new GraphQLError('Position must be a text that Hark gave as one')
    return position
  },
})

const isWithin = (value: unknown, depth: number): boolean => {
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  return Object.values(value).every(part => isWithin(part, depth - 1))
}

export const jsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  serialize: value => value,
  parseValue: value => {
    if (isWithin(value, MAX_JSON_DEPTH)) return value
    throw new GraphQLError(`JSON must not be nested more than ${MAX_JSON_DEPTH} levels deep`)
  },
})
