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
import type { OperationContext, OperationPlugin } from '../context.ts'

// biome-ignore lint/suspicious/noExplicitAny: each field has a source and arguments of its own
type Resolver = GraphQLFieldResolver<any, any>

/** Shorter lists complete without yields, unless the operation already has many items. */
const SHORT_LIST = 20

const isListOfObjects = (type: GraphQLOutputType): boolean => {
  const list = getNullableType(type)
  return isListType(list) && isCompositeType(getNullableType(list.ofType))
}

const inSlices = (list: readonly unknown[], context: OperationContext): unknown[] => {
  const slices = Array.from({ length: Math.ceil(list.length / SHORT_LIST) }, () => Promise.withResolvers<void>())
  const items = list.map((item, index) => slices[Math.floor(index / SHORT_LIST)]?.promise.then(() => item))
  const fulfill = async (): Promise<void> => {
    for (const [index, slice] of slices.entries()) {
      await context.yield()
      slice.resolve()
      // graphql-js attached its completion of these items first: it has run when this continues.
      await items[Math.min((index + 1) * SHORT_LIST, items.length) - 1]
    }
  }
  void fulfill()
  return items
}

const sliced = (list: unknown, context: OperationContext): unknown => {
  if (!Array.isArray(list)) return list
  context.countItems(list.length)
  return list.length <= SHORT_LIST && !context.hasManyItems ? list : inSlices(list, context)
}

const slicingList = (resolve: Resolver): Resolver => {
  return (source, args, context, info) => {
    const result = resolve(source, args, context, info)
    return result instanceof Promise ? result.then(list => sliced(list, context)) : sliced(result, context)
  }
}

const yieldingFirst = (resolve: Resolver): Resolver => {
  return (source, args, context, info) => {
    const turn = context.yield()
    return turn === undefined
      ? resolve(source, args, context, info)
      : turn.then(() => resolve(source, args, context, info))
  }
}

/** Yields before query fields and between items of long lists, so that no operation blocks others. */
export const useYields = (): OperationPlugin => ({ onSchemaChange: ({ schema }) => yieldToEventLoop(schema) })

const yieldToEventLoop = (schema: GraphQLSchema): void => {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    const isQuery = type === schema.getQueryType()
    for (const field of Object.values(type.getFields())) {
      const resolve = (field.resolve ?? defaultFieldResolver) as Resolver
      if (isListOfObjects(field.type)) field.resolve = slicingList(resolve)
      if (isQuery) field.resolve = yieldingFirst((field.resolve ?? resolve) as Resolver)
    }
  }
}
