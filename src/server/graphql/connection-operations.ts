import { type GraphQLError, OperationTypeNode } from 'graphql'
import { isAsyncIterable } from 'graphql-yoga'
import { HarkError } from '../../../schemas/errors.ts'
import { OVER } from '../../lib/abortable.ts'
import type { EnforcedLimits } from '../limits.ts'
import type { OperationSlot, OperationSlots } from '../operation-slots.ts'
import type { Operation } from './operation.ts'
import { type Result, stringify } from './result.ts'

const RETRY_AFTER_S = 1

/** Writes results in the format of the protocol. */
export interface ResultSink {
  /** @param onRead called when the result is written or the connection closed */
  next(id: string, result: string, onRead?: () => void): void
  complete(id: string): void
  fail(id: string, errors: readonly GraphQLError[]): void
  /** Undefined if there is room; otherwise resolves when there is, or the connection is closed. */
  room(): Promise<void> | undefined
}

interface ConnectionOperationsOptions {
  readonly sink: ResultSink
  readonly limits: EnforcedLimits
  readonly slots: OperationSlots
  readonly maskError: (error: HarkError) => GraphQLError
  readonly onStart: () => void
  readonly onEnd: () => void
  readonly onFailure: (error: unknown) => void
}

export interface OperationStart {
  readonly id: string
  readonly clientKey: string
  /** Held in memory until the response. */
  readonly bytes: number
  readonly prepare: (signal: AbortSignal, slot: OperationSlot) => Operation | readonly GraphQLError[]
}

interface ActiveOperation {
  readonly id: string
  readonly controller: AbortController
}

/** A client may reuse the id of an operation that it stopped, even before the operation ends. */
export class ConnectionOperations {
  readonly #options: ConnectionOperationsOptions
  readonly #active = new Map<string, ActiveOperation>()
  #executing = 0

  constructor(options: ConnectionOperationsOptions) {
    this.#options = options
  }

  has(id: string): boolean {
    return this.#active.has(id)
  }

  /** The id must not be in use. Failures of the operation go to the sink. */
  start(start: OperationStart): void {
    const { id } = start
    const active: ActiveOperation = { id, controller: new AbortController() }
    active.controller.signal.addEventListener('abort', () => this.#active.delete(id), { once: true })
    this.#active.set(id, active)
    this.#options.onStart()
    void this.#run(active, start)
      .catch(error => this.#options.onFailure(error))
      .finally(() => {
        active.controller.abort(OVER)
        this.#options.onEnd()
      })
  }

  stop(id: string): void {
    this.#active.get(id)?.controller.abort(OVER)
  }

  stopAll(): void {
    for (const { controller } of this.#active.values()) controller.abort(OVER)
  }

  async #run(active: ActiveOperation, { clientKey, bytes, prepare }: OperationStart): Promise<void> {
    const { sink, maskError } = this.#options
    const { id, controller } = active
    let slot: OperationSlot | undefined
    try {
      slot = this.#acquireSlot(clientKey, bytes)
      const operation = prepare(controller.signal, slot)
      if (!('run' in operation)) return sink.fail(id, operation)
      await this.#execute(active, operation, slot)
    } catch (error) {
      if (!(error instanceof HarkError)) throw error
      sink.fail(id, [maskError(error)])
    } finally {
      slot?.release()
    }
  }

  #acquireSlot(clientKey: string, bytes: number): OperationSlot {
    const { limits, slots } = this.#options
    const { connectionOperations } = limits
    if (this.#executing >= connectionOperations) {
      limits.hit('connectionOperations')
      throw new HarkError(
        'UNAVAILABLE',
        `too many operations in progress: the limit per connection is ${connectionOperations}`,
        { limit: 'connectionOperations', retryAfterSeconds: RETRY_AFTER_S },
      )
    }
    const slot = slots.acquire(clientKey, bytes)
    this.#executing += 1
    let isReleased = false
    return {
      ...slot,
      release: () => {
        if (isReleased) return
        isReleased = true
        this.#executing -= 1
        slot.release()
      },
    }
  }

  async #execute(active: ActiveOperation, operation: Operation, slot: OperationSlot): Promise<void> {
    const { sink } = this.#options
    const { signal } = active.controller
    if (operation.type === OperationTypeNode.QUERY) await sink.room()
    if (signal.aborted) return
    const results = await operation.run()
    if (isAsyncIterable(results)) {
      slot.release()
      return this.#sendAll(active, results as AsyncIterable<Result>)
    }
    const text = stringify(results as Result)
    if (signal.aborted) return
    slot.answered(Buffer.byteLength(text))
    await new Promise<void>(onRead => {
      sink.next(active.id, text, onRead)
      this.#complete(active)
    })
  }

  async #sendAll(active: ActiveOperation, results: AsyncIterable<Result>): Promise<void> {
    const { sink } = this.#options
    const { signal } = active.controller
    for await (const result of results) {
      for (let text: string | undefined = stringify(result); text !== undefined; text = result.following?.()) {
        if (signal.aborted) return
        sink.next(active.id, text)
        const room = sink.room()
        if (room !== undefined) await room
      }
    }
    if (!signal.aborted) this.#complete(active)
  }

  #complete({ id, controller }: ActiveOperation): void {
    this.#options.sink.complete(id)
    controller.abort(OVER)
  }
}
