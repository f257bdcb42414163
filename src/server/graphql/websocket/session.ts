import type { GraphQLError } from 'graphql'
import { CloseCode, type Message, MessageType, parseMessage } from 'graphql-ws'
import type { HarkError } from '../../../../schemas/errors.ts'
import type { Principal } from '../../../auth/roles.ts'
import type { EnforcedLimits } from '../../limits.ts'
import type { OperationSlot, OperationSlots } from '../../operation-slots.ts'
import { ConnectionOperations } from '../connection-operations.ts'
import type { Operation } from '../operation.ts'
import type { OperationRequest } from '../request-parser.ts'
import type { Outbox } from './outbox.ts'

interface SessionOptions {
  readonly outbox: Outbox
  readonly limits: EnforcedLimits
  readonly slots: OperationSlots
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

export class Session {
  readonly #options: SessionOptions
  readonly #operations: ConnectionOperations
  #principal: Principal | undefined
  #isInitialised = false
  #isClosed = false

  constructor(options: SessionOptions) {
    const { outbox, limits, slots, maskError, onOperationStart, onOperationEnd, onFailure } = options
    this.#options = options
    this.#operations = new ConnectionOperations({
      sink: {
        next: (id, result, onRead) => outbox.send(nextMessage(id, result), onRead),
        complete: id => this.#send({ id, type: 'complete' }),
        fail: (id, errors) => this.#send({ id, type: 'error', payload: errors }),
        room: () => outbox.room(),
      },
      limits,
      slots,
      maskError,
      onStart: onOperationStart,
      onEnd: onOperationEnd,
      onFailure,
    })
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
        return this.#operations.stop(message.id)
      case MessageType.Pong:
        return
      default:
        return this.#close(CloseCode.BadRequest, 'Invalid message received')
    }
  }

  end(): void {
    this.#isClosed = true
    this.#operations.stopAll()
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
    if (this.#operations.has(id))
      return this.#close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id.slice(0, 60)} already exists`)
    const { clientKey, prepare } = this.#options
    this.#operations.start({
      id,
      clientKey: clientKey(principal),
      bytes,
      prepare: (signal, slot) => prepare(request, principal, signal, slot),
    })
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
