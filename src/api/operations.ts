import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
  subscribe,
} from 'graphql'
import { isAsyncIterable } from 'graphql-yoga'
import type { Logger } from '../engine/logger.ts'
import { contractError } from './contract-errors.ts'
import { Documents } from './documents.ts'
import type { EnforcedLimits } from './enforced-limits.ts'
import type { OperationContext } from './operation-context.ts'
import type { OperationRequest } from './operation-request.ts'

type Results = ExecutionResult | AsyncIterableIterator<ExecutionResult>

/** An operation that may be run. */
export interface Operation {
  readonly type: OperationTypeNode
  readonly args: ExecutionArgs
  /** One result; for a subscription that could be opened, results until its reader leaves. Never rejects. */
  run(): Promise<Results>
}

/** Takes operations from text to results, with errors as the contract has them. */
export class Operations {
  readonly #schema: GraphQLSchema
  readonly #documents: Documents
  readonly #logger: Logger

  constructor(schema: GraphQLSchema, limits: EnforcedLimits, logger: Logger) {
    this.#schema = schema
    this.#documents = new Documents(schema, limits)
    this.#logger = logger
  }

  /**
   * The operation, or why it may not be run.
   *
   * @param admit throws where whoever asks may not
   */
  prepare(
    request: OperationRequest,
    context: OperationContext,
    admit: () => void = () => undefined,
  ): Operation | readonly GraphQLError[] {
    try {
      admit()
      const document = this.#documents.read(request.query)
      if (!('kind' in document)) return document.map(error => this.#contractError(error, context))
      const type = operationType(document, request.operationName)
      const args: ExecutionArgs = {
        schema: this.#schema,
        document,
        contextValue: context,
        variableValues: request.variables,
        operationName: request.operationName,
      }
      return { type, args, run: () => this.#run(type, args, context) }
    } catch (error) {
      return [this.#contractError(error, context)]
    }
  }

  async #run(type: OperationTypeNode, args: ExecutionArgs, context: OperationContext): Promise<Results> {
    try {
      const results = await (type === OperationTypeNode.SUBSCRIPTION ? subscribe(args) : execute(args))
      return isAsyncIterable(results) ? this.#stream(results, context) : this.#result(results, context)
    } catch (error) {
      return this.#failure(error, context)
    }
  }

  /** A stream that breaks ends with a result that tells why. */
  #stream(results: AsyncIterable<ExecutionResult>, context: OperationContext): AsyncIterableIterator<ExecutionResult> {
    const iterator = results[Symbol.asyncIterator]()
    let broken = false
    return {
      next: async () => {
        if (broken) return { value: undefined, done: true }
        try {
          const { value, done } = await iterator.next()
          return done ? { value: undefined, done } : { value: this.#result(value, context), done: false }
        } catch (error) {
          broken = true
          return { value: this.#failure(error, context), done: false }
        }
      },
      return: async () => {
        await iterator.return?.()
        return { value: undefined, done: true }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  #result(result: ExecutionResult, context: OperationContext): ExecutionResult {
    if (result.errors === undefined) return result
    return { ...result, errors: result.errors.map(error => this.#contractError(error, context)) }
  }

  #failure(error: unknown, context: OperationContext): ExecutionResult {
    return { errors: [this.#contractError(error, context)] }
  }

  #contractError(error: unknown, { caller }: OperationContext): GraphQLError {
    return contractError(error, caller.correlationId, this.#logger)
  }
}

const operationType = (document: DocumentNode, name: string | null | undefined): OperationTypeNode => {
  const operation = getOperationAST(document, name)
  if (operation) return operation.operation
  throw new GraphQLError(
    name ? `There is no operation named ${name} in the document` : 'operationName must say which operation is meant',
  )
}
