import { HarkError } from '../../../schemas/errors.ts'
import type { EnforcedLimits } from '../enforced-limits.ts'

/** Queries of one client that are worked on at once; further ones wait. */
const QUERIES_AT_ONCE = 4
/** With so much that a client has been answered and has not read, nothing more is worked out for it. */
const MOST_UNREAD_BYTES = 8_000_000
/** What a client may have sent that waits to be worked on. */
const MOST_WAITING_BYTES = 64_000_000
const RETRY_AFTER_S = 1

/** What one client has under way, over all of its connections. */
interface Load {
  operations: number
  receivedBytes: number
  unreadBytes: number
  queries: number
  readonly waiting: Set<() => void>
}

/** An operation's, or a request's, place among those of its client; to be given back. */
export interface Place {
  /** Resolves when a query may be worked on; undefined where it may at once. */
  begin(): Promise<void> | undefined
  /** The query is worked out, and this is its answer, which counts until it was read. */
  answered(bytes: number): void
  /** Gives back the place, whatever became of the operation. */
  end(): void
}

/** Bounds what each client has under way, so that one cannot fill the memory, or keep the event loop from others. */
export class ClientLoads {
  readonly #limits: EnforcedLimits
  readonly #loads = new Map<string, Load>()

  constructor(limits: EnforcedLimits) {
    this.#limits = limits
  }

  /** How many clients have something under way. */
  get size(): number {
    return this.#loads.size
  }

  /**
   * @param bytes that came with it, and are kept until it is done
   * @throws HarkError UNAVAILABLE where the client has too much under way
   */
  enter(client: string, bytes: number): Place {
    const { clientOperations } = this.#limits
    const load = this.#loads.get(client) ?? this.#begin(client)
    // A single one is never too much: what it may bring has a limit of its own.
    const isTooMuch = load.operations > 0 && load.receivedBytes + bytes > MOST_WAITING_BYTES
    if (load.operations >= clientOperations || isTooMuch) {
      this.#limits.hit('clientOperations')
      throw new HarkError(
        'UNAVAILABLE',
        `Too many operations of one client are under way: ${clientOperations} is the most, with ${MOST_WAITING_BYTES / 1_000_000} MB`,
        { limit: 'clientOperations', retryAfterSeconds: RETRY_AFTER_S },
      )
    }
    load.operations += 1
    load.receivedBytes += bytes
    return this.#placeIn(client, load, bytes)
  }

  #begin(client: string): Load {
    const load: Load = { operations: 0, receivedBytes: 0, unreadBytes: 0, queries: 0, waiting: new Set() }
    this.#loads.set(client, load)
    return load
  }

  #placeIn(client: string, load: Load, receivedBytes: number): Place {
    let unreadBytes = 0
    let isQuery = false
    let isOver = false
    let giveUp: (() => void) | undefined
    const endQuery = (): void => {
      if (isQuery) load.queries -= 1
      isQuery = false
    }
    return {
      begin: () => {
        if (isOver) return undefined
        if (load.waiting.size === 0 && hasRoom(load)) {
          load.queries += 1
          isQuery = true
          return undefined
        }
        return new Promise<void>(resolve => {
          const begin = (): void => {
            load.waiting.delete(begin)
            load.queries += 1
            isQuery = true
            giveUp = undefined
            resolve()
          }
          giveUp = () => {
            load.waiting.delete(begin)
            resolve()
          }
          load.waiting.add(begin)
        })
      },
      answered: bytes => {
        unreadBytes += bytes
        load.unreadBytes += bytes
        endQuery()
        beginNext(load)
      },
      end: () => {
        if (isOver) return
        isOver = true
        giveUp?.()
        endQuery()
        load.operations -= 1
        load.receivedBytes -= receivedBytes
        load.unreadBytes -= unreadBytes
        if (load.operations === 0) this.#loads.delete(client)
        else beginNext(load)
      },
    }
  }
}

const hasRoom = (load: Load): boolean => load.queries < QUERIES_AT_ONCE && load.unreadBytes < MOST_UNREAD_BYTES

const beginNext = (load: Load): void => {
  for (const begin of load.waiting) {
    if (!hasRoom(load)) return
    begin()
  }
}
