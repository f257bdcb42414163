import { createSourceEventStream, type ExecutionArgs } from 'graphql'
import { isAsyncIterable } from 'graphql-yoga'
import type { Watch } from '../../../engine/subscriptions/types.ts'
import type { OperationContext, OperationPlugin } from '../context.ts'
import { type Result, stringify } from '../result.ts'
import { type GroupMember, type RenderedResult, SharedResults } from '../shared-results.ts'

const MESSAGES_PER_TURN = 20

type Execute = (args: ExecutionArgs) => Promise<Result> | Result

export const useSubscriptions = (): OperationPlugin => {
  const sharedResults = new SharedResults()
  let execute: Execute
  const subscribe = async (args: ExecutionArgs): Promise<Result | AsyncIterable<Result>> => {
    const source = await createSourceEventStream(args)
    if (!isAsyncIterable(source)) return source
    return results(
      source as Watch<unknown>,
      args,
      sharedResults.join(args, args.contextValue as OperationContext),
      execute,
    )
  }
  return {
    onYogaInit: ({ yoga }) => {
      execute = yoga.getEnveloped({}).execute
    },
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe),
  }
}

const results = (
  source: Watch<unknown>,
  args: ExecutionArgs,
  member: GroupMember,
  execute: Execute,
): AsyncIterableIterator<Result> => {
  const context = args.contextValue as OperationContext
  const render = async (rootValue: unknown): Promise<RenderedResult> => {
    const result = await execute({ ...args, rootValue, contextValue: context.forMessage() })
    return { text: stringify(result), hasErrors: result.errors !== undefined }
  }
  let count = 0
  const following = (): string | undefined => {
    if (count % MESSAGES_PER_TURN === MESSAGES_PER_TURN - 1) return undefined
    const text = member.known(source.peek())
    if (text === undefined) return undefined
    source.skip()
    count += 1
    return text
  }
  let hasFailed = false
  return {
    next: async () => {
      if (hasFailed) return { value: undefined, done: true }
      try {
        const { value, done } = await source.next()
        if (!done) {
          const rendered = member.text(value, () => render(value))
          const text = typeof rendered === 'string' ? rendered : await rendered
          count += 1
          if (count % MESSAGES_PER_TURN === 0) await context.yieldMessage()
          return { value: { stringify: () => text, following }, done: false }
        }
        member.leave()
        return { value: undefined, done: true }
      } catch (error) {
        hasFailed = true
        member.leave()
        return { value: { errors: [context.mask(error)] }, done: false }
      }
    },
    return: async () => {
      member.leave()
      await source.return?.()
      return { value: undefined, done: true }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
