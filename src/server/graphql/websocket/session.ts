import { type GraphQLError, OperationTypeNode } from 'graphql'
import { CloseCode, type Message, MessageType, parseMessage } from 'graphql-ws'
import { isAsyncIterable } from 'graphql-yoga'
import { HarkError } from '../../../../schemas/errors.ts'
import type { Principal } from '../../../auth/roles.ts'
import { OVER } from '../../../lib/abortable.ts'
import type { EnforcedLimits } from '../../limits.ts'
import type { OperationSlot, OperationSlots } from '../../operation-slots.ts'
import type { Operation } from '../operation.ts'
import type { OperationRequest } from '../request-parser.ts'
import { type Result, stringify } from '../result.ts'
import type { Outbox } from './outbox.ts'

const RETRY_AFTER_S = 1

interface SessionOptions {
  readonly outbox: Outbox
  readonly limits: EnforcedLimits
  readonly slots: OperationSlots
  /** Undefined if the client is rejected and the socket closed. */
  readonly authenticate: (
    connectionParams: Readonly<Record<string, unknown>> | undefined,
  ) => Promise<Principal | undefined>
  readonly clientKey: (principal: Principal) => string
  readonly prepare: (
    request: OperationRequest,
    principal: Principal,
    signal: AbortSignal,
    slot: OperationSlot,
  ) => Operation | readonly GraphQLError[]
  readonly maskError: (error: HarkError) => GraphQLError
  readonly close: (code: number, reason: string) => void
  readonly onOperationStart: () => void
  readonly onOperationEnd: () => void
  readonly onFailure: (error: unknown) => void
}

interface ActiveOperation {
  readonly id: string
  readonly controller: AbortController
}

/** A client may reuse the id of an operation that it completed, even before the operation ends. */
export class Session {
  readonly #options: SessionOptions
  readonly #active = new Map<string, ActiveOperation>()
  #executing = 0
  #principal: Principal | undefined
  #isInitialised = false
  #isClosed = false

  constructor(options: SessionOptions) {
    this.#options = options
  }

  get isInitialised(): boolean {
    return this.#isInitialised
  }

  receive(text: string | undefined, bytes: number): void {
    if (this.#isClosed) return
    const message = parse(text)
    switch (message?.type) {
      case MessageType.ConnectionInit:
        return this.#initialise(message.payload)
      case MessageType.Ping:
        return this.#send({ type: 'pong', ...(message.payload != null && { payload: message.payload }) })
      case MessageType.Subscribe:
        return this.#subscribe(message.id, message.payload, bytes)
      case MessageType.Complete:
        return this.#active.get(message.id)?.controller.abort(OVER)
      case MessageType.Pong:
        return
      default:
        return this.#close(CloseCode.BadRequest, 'Invalid message received')
    }
  }

  end(): void {
    this.#isClosed = true
    for (const { controller } of this.#active.values()) controller.abort(OVER)
  }

  #close(code: number, reason: string): void {
    this.end()
    this.#options.close(code, reason)
  }

  #send(message: object): void {
    this.#options.outbox.send(JSON.stringify(message))
  }

  #initialise(connectionParams: Readonly<Record<string, unknown>> | undefined): void {
    if (this.#isInitialised)
      return this.#close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests')
    this.#isInitialised = true
    void this.#authenticate(connectionParams)
  }

  async #authenticate(connectionParams: Readonly<Record<string, unknown>> | undefined): Promise<void> {
    const principal = await this.#options.authenticate(connectionParams)
    if (principal === undefined) return this.end()
    this.#principal = principal
    if (!this.#isClosed) this.#send({ type: 'connection_ack' })
  }

  #subscribe(id: string, request: OperationRequest, bytes: number): void {
    const principal = this.#principal
    if (principal === undefined) return this.#close(CloseCode.Unauthorized, 'Unauthorized')
    if (this.#active.has(id))
      return this.#close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id.slice(0, 60)} already exists`)
    const active: ActiveOperation = { id, controller: new AbortController() }
    active.controller.signal.addEventListener('abort', () => this.#active.delete(id), { once: true })
    this.#active.set(id, active)
    this.#options.onOperationStart()
    void this.#run(active, request, principal, bytes)
      .catch(error => this.#options.onFailure(error))
      .finally(() => {
        active.controller.abort(OVER)
        this.#options.onOperationEnd()
      })
  }

  async #run(active: ActiveOperation, request: OperationRequest, principal: Principal, bytes: number): Promise<void> {
    const { id, controller } = active
    let slot: OperationSlot | undefined
    try {
      slot = this.#acquireSlot(principal, bytes)
      const operation = this.#options.prepare(request, principal, controller.signal, slot)
      if (!('run' in operation)) return this.#send({ id, type: 'error', payload: operation })
      await this.#execute(active, operation, slot)
    } catch (error) {
      if (!(error instanceof HarkError)) throw error
      this.#send({ id, type: 'error', payload: [this.#options.maskError(error)] })
    } finally {
      slot?.release()
    }
  }

  /** @throws HarkError UNAVAILABLE if the connection or the client has too many operations */
  #acquireSlot(principal: Principal, bytes: number): OperationSlot {
    const { limits, slots, clientKey } = this.#options
    const { connectionOperations } = limits
    if (this.#executing >= connectionOperations) {
      limits.hit('connectionOperations')
      throw new HarkError(
        'UNAVAILABLE',
        `too many operations in progress: the limit per connection is ${connectionOperations}`,
        { limit: 'connectionOperations', retryAfterSeconds: RETRY_AFTER_S },
      )
    }
    const slot = slots.acquire(clientKey(principal), bytes)
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
    const { outbox } = this.#options
    const { signal } = active.controller
    if (operation.type === OperationTypeNode.QUERY) await outbox.room()
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
      outbox.send(nextMessage(active.id, text), onRead)
      this.#complete(active)
    })
  }

  async #sendAll(active: ActiveOperation, results: AsyncIterable<Result>): Promise<void> {
    const { outbox } = this.#options
    const { signal } = active.controller
    for await (const result of results) {
      if (signal.aborted) return
      outbox.send(nextMessage(active.id, stringify(result)))
      const room = outbox.room()
      if (room !== undefined) await room
    }
    if (!signal.aborted) this.#complete(active)
  }

  #complete({ id, controller }: ActiveOperation): void {
    this.#send({ id, type: 'complete' })
    controller.abort(OVER)
  }
}

const nextMessage = (id: string, result: string): string =>
  `{"id":${JSON.stringify(id)},"type":"next","payload":${result}}`

const parse = (text: string | undefined): Message | undefined => {
  try {
    return text === undefined ? undefined : parseMessage(text)
  } catch {
    return undefined
  }
}
