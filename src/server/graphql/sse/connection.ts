import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { GraphQLError } from 'graphql'
import type { HarkError } from '../../../../schemas/errors.ts'
import type { LimitName } from '../../../config/limits.ts'
import type { EnforcedLimits } from '../../limits.ts'
import type { OperationSlots } from '../../operation-slots.ts'
import { ConnectionOperations, type OperationStart, type ResultSink } from '../connection-operations.ts'
import { SseOutbox } from './outbox.ts'

const SECOND_MS = 1000

export interface SseConnectionOptions {
  readonly clientKey: string
  readonly limits: EnforcedLimits
  readonly slots: OperationSlots
  readonly maskError: (error: HarkError) => GraphQLError
  readonly onFailure: (error: unknown) => void
  readonly onClose: () => void
}

export class SseConnection {
  readonly clientKey: string
  readonly #limits: EnforcedLimits
  readonly #onClose: () => void
  readonly #outbox = new SseOutbox()
  readonly #operations: ConnectionOperations
  #running = 0
  #isConnected = false
  #isDraining = false
  #isClosed = false
  #timer: NodeJS.Timeout | undefined

  constructor({ clientKey, limits, slots, maskError, onFailure, onClose }: SseConnectionOptions) {
    this.clientKey = clientKey
    this.#limits = limits
    this.#onClose = onClose
    this.#operations = new ConnectionOperations({
      sink: sinkTo(this.#outbox),
      limits,
      slots,
      maskError,
      onStart: () => this.#operationStarted(),
      onEnd: () => this.#operationEnded(),
      onFailure: error => {
        onFailure(error)
        this.close()
      },
    })
    this.#expireAfter('headersSeconds', () => this.close())
  }

  get isConnected(): boolean {
    return this.#isConnected
  }

  /** The client may still read what was sent before. */
  get isEnded(): boolean {
    return this.#outbox.isEnded
  }

  room(): Promise<void> | undefined {
    return this.#outbox.room()
  }

  /** The body of the response. The caller closes the stream with the response. */
  connect(response: ServerResponse): Readable {
    this.#isConnected = true
    clearTimeout(this.#timer)
    if (this.#running === 0) this.#expectOperation()
    return this.#outbox.connect(response)
  }

  hasOperation(id: string): boolean {
    return this.#operations.has(id)
  }

  start(operation: OperationStart): void {
    this.#operations.start(operation)
  }

  stop(id: string): void {
    this.#operations.stop(id)
  }

  drain(): void {
    this.#isDraining = true
    if (!this.#isConnected) this.close()
    else if (this.#running === 0) this.#outbox.end()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#operations.stopAll()
    this.#outbox.close()
    this.#onClose()
  }

  #operationStarted(): void {
    this.#running += 1
    if (this.#isConnected) clearTimeout(this.#timer)
  }

  #operationEnded(): void {
    this.#running -= 1
    if (this.#running > 0 || !this.#isConnected || this.#isClosed) return
    if (this.#isDraining) this.#outbox.end()
    else this.#expectOperation()
  }

  #expectOperation(): void {
    this.#expireAfter('idleSeconds', () => this.#outbox.end())
  }

  #expireAfter(limit: LimitName & ('headersSeconds' | 'idleSeconds'), expire: () => void): void {
    this.#timer = setTimeout(() => {
      this.#limits.hit(limit)
      expire()
    }, this.#limits[limit] * SECOND_MS).unref()
  }
}

const sinkTo = (outbox: SseOutbox): ResultSink => {
  const next = (id: string, result: string, onRead?: () => void): void =>
    outbox.send(`event: next\ndata: {"id":${JSON.stringify(id)},"payload":${result}}\n\n`, onRead)
  const complete = (id: string): void => outbox.send(`event: complete\ndata: ${JSON.stringify({ id })}\n\n`)
  return {
    next,
    complete,
    // Clients send a rejected request again, so errors are results, as with a connection for each operation.
    fail: (id, errors) => {
      next(id, JSON.stringify({ errors }))
      complete(id)
    },
    room: () => outbox.room(),
  }
}
