import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
} from 'graphql'
import { isAsyncIterable } from 'graphql-yoga'
import { badUserInput } from '../../../schemas/errors.ts'
import { textFaults } from '../../../schemas/well-formed.ts'
import type { Logger } from '../../lib/logger.ts'
import type { EnforcedLimits } from '../enforced-limits.ts'
import { jsonText } from '../load/json-text.ts'
import type { OperationContext } from './context.ts'
import { contractError } from './masked-errors.ts'
import { DocumentCache } from './parser-and-validation-cache.ts'
import type { OperationRequest } from './request-parser.ts'
import { type Rendering, SharedTexts } from './shared-texts.ts'

/** A result, or the JSON texts of the results of a subscription. */
type Results = ExecutionResult | AsyncIterableIterator<string>

/** An operation that may be run. */
export interface Operation {
  readonly type: OperationTypeNode
  /** One result; for a subscription that could be opened, texts of results until its reader leaves. Never rejects. */
  run(): Promise<Results>
  /** The JSON of a result. */
  text(result: ExecutionResult): Promise<string> | string
}

/** Takes operations from text to results, with errors as the contract has them. */
export class Operations {
  readonly #schema: GraphQLSchema
  readonly #documents: DocumentCache
  readonly #logger: Logger
  readonly #sharedTexts = new SharedTexts()

  constructor(schema: GraphQLSchema, limits: EnforcedLimits, logger: Logger) {
    this.#schema = schema
    this.#documents = new DocumentCache(schema, limits)
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
      mustBeWellFormed(request)
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
      return {
        type,
        run: () => (type === OperationTypeNode.SUBSCRIPTION ? this.#open(args, context) : this.#execute(args, context)),
        text: result => textOf(result, context),
      }
    } catch (error) {
      return [this.#contractError(error, context)]
    }
  }

  async #execute(args: ExecutionArgs, context: OperationContext): Promise<ExecutionResult> {
    try {
      const turn = context.turn()
      if (turn !== undefined) await turn
      return this.#result(await execute(args), context)
    } catch (error) {
      return this.#failure(error, context)
    }
  }

  async #open(args: ExecutionArgs, context: OperationContext): Promise<Results> {
    try {
      const source = await createSourceEventStream(args)
      if (!isAsyncIterable(source)) return this.#result(source, context)
      return this.#texts(source, args, context)
    } catch (error) {
      return this.#failure(error, context)
    }
  }

  /** A stream that breaks ends with a result that tells why. */
  #texts(
    source: AsyncIterable<unknown>,
    args: ExecutionArgs,
    context: OperationContext,
  ): AsyncIterableIterator<string> {
    const iterator = source[Symbol.asyncIterator]()
    const rendering = this.#sharedTexts.join(args, context)
    let broken = false
    return {
      next: async () => {
        if (broken) return { value: undefined, done: true }
        try {
          const { value, done } = await iterator.next()
          if (!done) return { value: await this.#message(value, args, context, rendering), done: false }
          rendering.leave()
          return { value: undefined, done: true }
        } catch (error) {
          broken = true
          rendering.leave()
          return { value: JSON.stringify(this.#failure(error, context)), done: false }
        }
      },
      return: async () => {
        rendering.leave()
        await iterator.return?.()
        return { value: undefined, done: true }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  #message(
    value: unknown,
    args: ExecutionArgs,
    context: OperationContext,
    rendering: Rendering,
  ): Promise<string> | string {
    return rendering.text(value, async () => {
      const ofMessage = context.ofMessage()
      const result = await this.#execute({ ...args, rootValue: value, contextValue: ofMessage }, ofMessage)
      return textOf(result, ofMessage)
    })
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

/** Half a character is stored as something else, and texts that differ would be one. */
const mustBeWellFormed = ({ query, operationName, variables }: OperationRequest): void => {
  const ofInput = (path: string): string => path.replace(/^input\.?/, '')
  const faults = [
    ...textFaults({ query, operationName }),
    ...textFaults(variables).map(({ path, message }) => ({ path: ofInput(path), message })),
  ]
  if (faults.length > 0) throw badUserInput(faults)
}

const textOf = (result: ExecutionResult, context: OperationContext): Promise<string> | string =>
  context.isLong ? jsonText(result, () => context.turn()) : JSON.stringify(result)

const operationType = (document: DocumentNode, name: string | null | undefined): OperationTypeNode => {
  const operation = getOperationAST(document, name)
  if (operation) return operation.operation
  throw new GraphQLError(
    name ? `There is no operation named ${name} in the document` : 'operationName must say which operation is meant',
  )
}
