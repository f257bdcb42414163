import { HarkError } from '../../../schemas/errors.ts'
import type { Watch } from '../../engine/subscriptions/types.ts'
import { OVER } from '../../lib/abortable.ts'
import { shuttingDown } from '../http/request-gate.ts'
import type { EnforcedLimits } from '../limits.ts'
import { OpenLimit } from '../open-limit.ts'
import type { OperationContext } from './context.ts'

/** A subscription may outlive its token by this time. */
const TOKEN_CHECK_INTERVAL_MS = 500

interface Open {
  readonly controller: AbortController
  readonly context: OperationContext
  tokenExpired: boolean
}

export class OpenSubscriptions {
  readonly #limit: OpenLimit
  readonly #open = new Set<Open>()
  #tokenCheck: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(limits: EnforcedLimits) {
    this.#limit = new OpenLimit(limits, 'open subscriptions')
  }

  get count(): number {
    return this.#limit.count
  }

  /**
   * The watch ends when the signal aborts, or with UNAUTHENTICATED when the token expires.
   *
   * @throws HarkError UNAVAILABLE at the limit or during shutdown
   */
  open<T>(watch: (signal: AbortSignal) => Watch<T>, context: OperationContext): Watch<T> {
    if (this.#isClosed) throw shuttingDown()
    this.#limit.assertRoom(context.clientKey)
    const open: Open = { controller: new AbortController(), context, tokenExpired: false }
    const iterator = watch(open.controller.signal)
    const { signal } = context
    const end = (): void => {
      signal.removeEventListener('abort', end)
      this.#remove(open)
    }
    this.#open.add(open)
    this.#limit.add(context.clientKey)
    // A client may vanish while no value is pulled.
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
    this.#tokenCheck ??= setInterval(() => this.#endExpired(), TOKEN_CHECK_INTERVAL_MS).unref()
    return {
      next: async () => {
        try {
          const result = await iterator.next()
          if (open.tokenExpired)
            throw new HarkError('UNAUTHENTICATED', 'the token of this subscription has expired or was revoked')
          if (result.done) end()
          if (result.done && this.#isClosed) throw shuttingDown()
          return result
        } catch (error) {
          end()
          throw error
        }
      },
      peek: () => (open.tokenExpired ? undefined : iterator.peek()),
      skip: () => iterator.skip(),
      return: async () => {
        end()
        return { value: undefined, done: true }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  #remove(open: Open): void {
    if (!this.#open.delete(open)) return
    open.controller.abort(OVER)
    this.#limit.remove(open.context.clientKey)
    if (this.#open.size > 0) return
    clearInterval(this.#tokenCheck)
    this.#tokenCheck = undefined
  }

  #endExpired(): void {
    for (const open of this.#open) {
      if (open.tokenExpired || open.context.principal.isValid()) continue
      open.tokenExpired = true
      open.controller.abort(OVER)
    }
  }

  /** Ends subscriptions with UNAVAILABLE, which clients cannot take for completion. */
  close(): void {
    this.#isClosed = true
    for (const { controller } of this.#open) controller.abort(OVER)
  }
}
