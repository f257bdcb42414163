import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
} from 'graphql'
import type { OperationContext } from '../graphql/context.ts'

// biome-ignore lint/suspicious/noExplicitAny: each field has a source and arguments of its own
type Resolver = GraphQLFieldResolver<any, any>

/** Shorter lists are completed in one go, as long as an operation has few of them. */
const SHORT = 20

const isListOfObjects = (type: GraphQLOutputType): boolean => {
  const list = getNullableType(type)
  return isListType(list) && isCompositeType(getNullableType(list.ofType))
}

/** The items of a list as promises, which are kept piece by piece. */
const inPieces = (list: readonly unknown[], context: OperationContext): unknown[] => {
  const pieces = Array.from({ length: Math.ceil(list.length / SHORT) }, () => Promise.withResolvers<void>())
  const items = list.map((item, index) => pieces[Math.floor(index / SHORT)]?.promise.then(() => item))
  const keep = async (): Promise<void> => {
    for (const [index, piece] of pieces.entries()) {
      await context.turn()
      piece.resolve()
      // GraphQL has completed the items once whoever waited after it is told.
      await items[Math.min((index + 1) * SHORT, items.length) - 1]
    }
  }
  void keep()
  return items
}

const shared = (list: unknown, context: OperationContext): unknown => {
  if (!Array.isArray(list)) return list
  const isLongSoFar = context.noteItems(list.length)
  return list.length <= SHORT && !isLongSoFar ? list : inPieces(list, context)
}

/** Completes long lists piece by piece, so that others have the event loop in between. */
const sharingList = (resolve: Resolver): Resolver => {
  return (source, args, context, info) => {
    const result = resolve(source, args, context, info)
    return result instanceof Promise ? result.then(list => shared(list, context)) : shared(result, context)
  }
}

/** Answers fields of one query one after the other, with the event loop for others in between. */
const takingTurns = (resolve: Resolver): Resolver => {
  return (source, args, context, info) => {
    const turn = context.turn()
    return turn === undefined
      ? resolve(source, args, context, info)
      : turn.then(() => resolve(source, args, context, info))
  }
}

/** Has no operation keep the event loop to itself, however much it asks for. */
export const shareTheLoop = (schema: GraphQLSchema): void => {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    const isQuery = type === schema.getQueryType()
    for (const field of Object.values(type.getFields())) {
      const resolve = (field.resolve ?? defaultFieldResolver) as Resolver
      if (isListOfObjects(field.type)) field.resolve = sharingList(resolve)
      if (isQuery) field.resolve = takingTurns((field.resolve ?? resolve) as Resolver)
    }
  }
}
