import { HarkError } from '../../../schemas/errors.ts'
import { OVER } from '../../lib/abortable.ts'
import type { EnforcedLimits } from '../enforced-limits.ts'
import { shuttingDown } from '../http/shutting-down.ts'
import type { OperationContext } from './context.ts'

/** How long a subscription may outlive what was shown for it. */
const CHECK_EVERY_MS = 500

interface Open {
  readonly controller: AbortController
  readonly context: OperationContext
  isOutlived: boolean
}

/** The subscriptions that are open now, over whatever transport. */
export class OpenSubscriptions {
  readonly #limits: EnforcedLimits
  readonly #open = new Set<Open>()
  readonly #byClient = new Map<string, number>()
  #checking: NodeJS.Timeout | undefined
  #closed = false

  constructor(limits: EnforcedLimits) {
    this.#limits = limits
  }

  get count(): number {
    return this.#open.size
  }

  /**
   * Opens a watch for one reader. It ends when the reader leaves, even while that waits for a value: a generator alone
   * would notice with the next one. It ends with UNAUTHENTICATED when the reader's token does.
   *
   * @throws HarkError UNAVAILABLE where there are too many, or the server is shutting down
   */
  open<T>(watch: (signal: AbortSignal) => AsyncIterable<T>, context: OperationContext): AsyncIterableIterator<T> {
    if (this.#closed) throw shuttingDown()
    this.#mustHavePlace(context.client)
    const open: Open = { controller: new AbortController(), context, isOutlived: false }
    // What cannot be watched takes no place.
    const iterator = watch(open.controller.signal)[Symbol.asyncIterator]()
    const { signal } = context
    const end = (): void => {
      signal.removeEventListener('abort', end)
      this.#end(open)
    }
    this.#begin(open)
    // Also where nobody asks for a value any more: a subscription belongs to whoever opened it.
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
    this.#checking ??= setInterval(() => this.#check(), CHECK_EVERY_MS).unref()
    return {
      next: async () => {
        try {
          const result = await iterator.next()
          if (open.isOutlived)
            throw new HarkError('UNAUTHENTICATED', 'The token of this subscription has expired or was revoked')
          if (result.done) end()
          if (result.done && this.#closed) throw shuttingDown()
          return result
        } catch (error) {
          end()
          throw error
        }
      },
      return: async () => {
        end()
        return { value: undefined, done: true }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  #begin(open: Open): void {
    const { client } = open.context
    this.#open.add(open)
    this.#byClient.set(client, (this.#byClient.get(client) ?? 0) + 1)
  }

  #mustHavePlace(client: string): void {
    const { subscriptions, clientSubscriptions } = this.#limits
    const ofClient = this.#byClient.get(client) ?? 0
    const isFull = this.#open.size >= subscriptions
    if (!isFull && ofClient < clientSubscriptions) return
    const limit = isFull ? 'subscriptions' : 'clientSubscriptions'
    this.#limits.hit(limit)
    throw new HarkError(
      'UNAVAILABLE',
      isFull
        ? `Too many subscriptions are open: ${subscriptions} is the most`
        : `Too many subscriptions of one client are open: ${clientSubscriptions} is the most`,
      { limit },
    )
  }

  #end(open: Open): void {
    if (!this.#open.delete(open)) return
    open.controller.abort(OVER)
    const { client } = open.context
    const left = (this.#byClient.get(client) ?? 0) - 1
    if (left > 0) this.#byClient.set(client, left)
    else this.#byClient.delete(client)
    if (this.#open.size > 0) return
    clearInterval(this.#checking)
    this.#checking = undefined
  }

  #check(): void {
    for (const open of this.#open) {
      if (open.isOutlived || open.context.principal.isValid()) continue
      open.isOutlived = true
      open.controller.abort(OVER)
    }
  }

  /** Ends all with UNAVAILABLE, so that nobody takes it for the end of what there is to tell, and opens no more. */
  endAll(): void {
    this.#closed = true
    for (const { controller } of this.#open) controller.abort(OVER)
  }
}
