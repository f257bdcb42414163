import { type ExecutionResult, type GraphQLError, OperationTypeNode } from 'graphql'
import { CloseCode } from 'graphql-ws'
import { isAsyncIterable } from 'graphql-yoga'
import { HarkError } from '../../../../schemas/errors.ts'
import type { Principal } from '../../../auth/roles.ts'
import { OVER } from '../../../lib/abortable.ts'
import type { EnforcedLimits } from '../../limits.ts'
import type { OperationSlot, OperationSlots } from '../../load/operation-slots.ts'
import type { Operation } from '../execute.ts'
import type { OperationRequest } from '../request-parser.ts'
import type { ClientMessage } from './message.ts'
import type { Outbox } from './outbox.ts'

const RETRY_AFTER_S = 1
const MESSAGES_PER_TURN = 20

export interface SessionOptions {
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
  ) => Operation | readonly GraphQLError[]
  readonly maskError: (error: HarkError) => GraphQLError
  /** Undefined if a message may be sent; otherwise resolves when it may. */
  readonly turn: (principal: Principal) => Promise<void> | undefined
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
  /** Includes operations that the client has completed. */
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

  /** @param message undefined if it is not of the protocol */
  receive(message: ClientMessage | undefined, bytes: number): void {
    if (this.#isClosed) return
    if (message === undefined) return this.#close(CloseCode.BadRequest, 'Invalid message received')
    switch (message.type) {
      case 'connection_init':
        return this.#initialise(message.payload)
      case 'ping':
        return this.#send({ type: 'pong', ...(message.payload != null && { payload: message.payload }) })
      case 'subscribe':
        return this.#subscribe(message.id, message.payload, bytes)
      case 'complete':
        return this.#active.get(message.id)?.controller.abort(OVER)
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
      const operation = this.#options.prepare(request, principal, controller.signal)
      if (!('run' in operation)) return this.#send({ id, type: 'error', payload: operation })
      await this.#execute(active, operation, principal, slot)
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

  async #execute(
    active: ActiveOperation,
    operation: Operation,
    principal: Principal,
    slot: OperationSlot,
  ): Promise<void> {
    const { outbox } = this.#options
    const { signal } = active.controller
    if (operation.type === OperationTypeNode.QUERY) {
      await outbox.room()
      await slot.startQuery()
    }
    if (signal.aborted) return
    const results = await operation.run()
    if (isAsyncIterable(results)) {
      // Subscriptions have limits of their own.
      slot.release()
      return this.#sendAll(active, results, principal)
    }
    const text = await operation.serialize(results as ExecutionResult)
    if (signal.aborted) return
    slot.answered(text.length)
    await new Promise<void>(onRead => {
      outbox.send(nextMessage(active.id, text), onRead)
      this.#complete(active)
    })
  }

  async #sendAll(active: ActiveOperation, texts: AsyncIterable<string>, principal: Principal): Promise<void> {
    const { outbox, turn } = this.#options
    const { signal } = active.controller
    let sent = 0
    for await (const text of texts) {
      sent += 1
      if (sent % MESSAGES_PER_TURN === 0) await turn(principal)
      if (signal.aborted) return
      outbox.send(nextMessage(active.id, text))
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
