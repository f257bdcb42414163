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
import type { EnforcedLimits } from '../limits.ts'
import { stringifyInSlices } from '../load/stringify-in-slices.ts'
import type { OperationContext } from './context.ts'
import { maskError } from './masked-errors.ts'
import { ParserAndValidationCache } from './parser-and-validation-cache.ts'
import type { OperationRequest } from './request-parser.ts'
import { type GroupMember, SharedResults } from './shared-results.ts'

export type Results = ExecutionResult | AsyncIterableIterator<string>

export interface Operation {
  readonly type: OperationTypeNode
  /** Never rejects: failures are results. */
  run(): Promise<Results>
  serialize(result: ExecutionResult): Promise<string> | string
}

export class Operations {
  readonly #schema: GraphQLSchema
  readonly #documents: ParserAndValidationCache
  readonly #logger: Logger
  readonly #sharedResults = new SharedResults()

  constructor(schema: GraphQLSchema, limits: EnforcedLimits, logger: Logger) {
    this.#schema = schema
    this.#documents = new ParserAndValidationCache(schema, limits)
    this.#logger = logger
  }

  /** @param admit throws if the client may not send an operation now */
  prepare(
    request: OperationRequest,
    context: OperationContext,
    admit: () => void = () => undefined,
  ): Operation | readonly GraphQLError[] {
    try {
      admit()
      assertWellFormed(request)
      const document = this.#documents.get(request.query)
      if (!('kind' in document)) return document.map(error => this.#mask(error, context))
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
        run: () =>
          type === OperationTypeNode.SUBSCRIPTION ? this.#subscribe(args, context) : this.#execute(args, context),
        serialize: result => serialize(result, context),
      }
    } catch (error) {
      return [this.#mask(error, context)]
    }
  }

  async #execute(args: ExecutionArgs, context: OperationContext): Promise<ExecutionResult> {
    try {
      const turn = context.yield()
      if (turn !== undefined) await turn
      return this.#maskErrors(await execute(args), context)
    } catch (error) {
      return this.#failure(error, context)
    }
  }

  async #subscribe(args: ExecutionArgs, context: OperationContext): Promise<Results> {
    try {
      const source = await createSourceEventStream(args)
      if (!isAsyncIterable(source)) return this.#maskErrors(source, context)
      return this.#texts(source, args, context)
    } catch (error) {
      return this.#failure(error, context)
    }
  }

  /** The last text of a failed stream is the error. */
  #texts(
    source: AsyncIterable<unknown>,
    args: ExecutionArgs,
    context: OperationContext,
  ): AsyncIterableIterator<string> {
    const iterator = source[Symbol.asyncIterator]()
    const member = this.#sharedResults.join(args, context)
    let hasFailed = false
    return {
      next: async () => {
        if (hasFailed) return { value: undefined, done: true }
        try {
          const { value, done } = await iterator.next()
          if (!done) return { value: await this.#text(value, args, context, member), done: false }
          member.leave()
          return { value: undefined, done: true }
        } catch (error) {
          hasFailed = true
          member.leave()
          return { value: JSON.stringify(this.#failure(error, context)), done: false }
        }
      },
      return: async () => {
        member.leave()
        await iterator.return?.()
        return { value: undefined, done: true }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  #text(value: unknown, args: ExecutionArgs, context: OperationContext, member: GroupMember): Promise<string> | string {
    return member.text(value, async () => {
      const messageContext = context.forMessage()
      const messageArgs = { ...args, rootValue: value, contextValue: messageContext }
      return serialize(await this.#execute(messageArgs, messageContext), messageContext)
    })
  }

  #maskErrors(result: ExecutionResult, context: OperationContext): ExecutionResult {
    if (result.errors === undefined) return result
    return { ...result, errors: result.errors.map(error => this.#mask(error, context)) }
  }

  #failure(error: unknown, context: OperationContext): ExecutionResult {
    return { errors: [this.#mask(error, context)] }
  }

  #mask(error: unknown, { caller }: OperationContext): GraphQLError {
    return maskError(error, caller.correlationId, this.#logger)
  }
}

/**
 * Lone surrogates would be stored as U+FFFD, so different texts would become equal.
 *
 * @throws BAD_USER_INPUT
 */
const assertWellFormed = ({ query, operationName, variables }: OperationRequest): void => {
  const issues = [
    ...textFaults({ query, operationName }),
    ...textFaults(variables).map(({ path, message }) => ({ path: path.replace(/^input\.?/, ''), message })),
  ]
  if (issues.length > 0) throw badUserInput(issues)
}

const serialize = (result: ExecutionResult, context: OperationContext): Promise<string> | string =>
  context.hasManyItems ? stringifyInSlices(result, () => context.yield()) : JSON.stringify(result)

const operationType = (document: DocumentNode, name: string | null | undefined): OperationTypeNode => {
  const operation = getOperationAST(document, name)
  if (operation) return operation.operation
  throw new GraphQLError(
    name
      ? `The document has no operation named ${name}`
      : 'operationName is required: the document does not have exactly one operation',
  )
}
