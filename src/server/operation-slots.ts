import { HarkError } from '../../schemas/errors.ts'
import type { EnforcedLimits } from './limits.ts'

const CONCURRENT_QUERIES = 4
/** Bytes after which a client's queries wait. */
const MAX_UNREAD_BYTES = 8_000_000
const MAX_PENDING_BYTES = 64_000_000
const RETRY_AFTER_S = 1

interface Usage {
  operations: number
  receivedBytes: number
  unreadBytes: number
  queries: number
  readonly waiting: Set<() => void>
}

export interface OperationSlot {
  /** Undefined if a query may run; otherwise resolves when it may. */
  startQuery(): Promise<void> | undefined
  /** The response's bytes count until the slot is released. */
  answered(bytes: number): void
  release(): void
}

export class OperationSlots {
  readonly #limits: EnforcedLimits
  readonly #clients = new Map<string, Usage>()

  constructor(limits: EnforcedLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#clients.size
  }

  /** @throws HarkError UNAVAILABLE if the client has too much in progress */
  acquire(client: string, bytes: number): OperationSlot {
    const { clientOperations } = this.#limits
    const usage = this.#clients.get(client) ?? this.#add(client)
    // A single request may have any size up to requestBytes.
    const isTooLarge = usage.operations > 0 && usage.receivedBytes + bytes > MAX_PENDING_BYTES
    if (usage.operations >= clientOperations || isTooLarge) {
      this.#limits.hit('clientOperations')
      throw new HarkError(
        'UNAVAILABLE',
        `too many operations in progress: the limit per client is ${clientOperations}, with ${MAX_PENDING_BYTES / 1_000_000} MB`,
        { limit: 'clientOperations', retryAfterSeconds: RETRY_AFTER_S },
      )
    }
    usage.operations += 1
    usage.receivedBytes += bytes
    return this.#createSlot(client, usage, bytes)
  }

  #add(client: string): Usage {
    const usage: Usage = { operations: 0, receivedBytes: 0, unreadBytes: 0, queries: 0, waiting: new Set() }
    this.#clients.set(client, usage)
    return usage
  }

  #createSlot(client: string, usage: Usage, receivedBytes: number): OperationSlot {
    let unreadBytes = 0
    let isQuerying = false
    let isReleased = false
    let cancelWait: (() => void) | undefined
    const begin = (): void => {
      usage.queries += 1
      isQuerying = true
    }
    const endQuery = (): void => {
      if (isQuerying) usage.queries -= 1
      isQuerying = false
    }
    return {
      startQuery: () => {
        // Operations of a batch share a slot.
        if (isReleased || isQuerying) return undefined
        if (usage.waiting.size === 0 && hasRoom(usage)) {
          begin()
          return undefined
        }
        return new Promise<void>(resolve => {
          const start = (): void => {
            usage.waiting.delete(start)
            begin()
            cancelWait = undefined
            resolve()
          }
          cancelWait = () => {
            usage.waiting.delete(start)
            resolve()
          }
          usage.waiting.add(start)
        })
      },
      answered: bytes => {
        unreadBytes += bytes
        usage.unreadBytes += bytes
        endQuery()
        startWaiting(usage)
      },
      release: () => {
        if (isReleased) return
        isReleased = true
        cancelWait?.()
        endQuery()
        usage.operations -= 1
        usage.receivedBytes -= receivedBytes
        usage.unreadBytes -= unreadBytes
        if (usage.operations === 0) this.#clients.delete(client)
        else startWaiting(usage)
      },
    }
  }
}

const hasRoom = (usage: Usage): boolean => usage.queries < CONCURRENT_QUERIES && usage.unreadBytes < MAX_UNREAD_BYTES

const startWaiting = (usage: Usage): void => {
  for (const start of usage.waiting) {
    if (!hasRoom(usage)) return
    start()
  }
}
