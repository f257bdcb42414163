import { type DocumentNode, type GraphQLError, getOperationAST, OperationTypeNode } from 'graphql'
import type { OperationContext } from './context.ts'
import type { OperationRequest } from './request-parser.ts'
import type { Result } from './result.ts'
import type { Yoga } from './yoga.ts'

export interface Operation {
  readonly type: OperationTypeNode
  /** Never rejects: failures are results. */
  run(): Promise<Result | AsyncIterable<Result>>
}

/** Yoga's cache of validations joins the names of all rules at each look. */
const valid = new WeakSet<DocumentNode>()

export const prepareOperation = (
  { getEnveloped }: Pick<Yoga, 'getEnveloped'>,
  params: OperationRequest,
  context: OperationContext,
): Operation | readonly GraphQLError[] => {
  context.params = params
  try {
    const { schema, parse, validate, execute, subscribe } = getEnveloped(context)
    const document = parse(params.query)
    if (!valid.has(document)) {
      const errors: readonly GraphQLError[] = validate(schema, document)
      if (errors.length > 0) return errors.map(error => context.mask(error))
      valid.add(document)
    }
    const { variables: variableValues, operationName } = params
    const args = { schema, document, contextValue: context, variableValues, operationName }
    const { operation: type } = getOperationAST(document, operationName)!
    const run = async (): Promise<Result | AsyncIterable<Result>> => {
      try {
        return await (type === OperationTypeNode.SUBSCRIPTION ? subscribe(args) : execute(args))
      } catch (error) {
        return { errors: [context.mask(error)] }
      }
    }
    return { type, run }
  } catch (error) {
    return [context.mask(error)]
  }
}
