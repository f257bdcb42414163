import { type ExecutionResult, type GraphQLError, OperationTypeNode } from 'graphql'
import { CloseCode } from 'graphql-ws'
import { isAsyncIterable } from 'graphql-yoga'
import { HarkError } from '../../../../schemas/errors.ts'
import type { Principal } from '../../../auth/roles.ts'
import { OVER } from '../../../lib/abortable.ts'
import type { EnforcedLimits } from '../../enforced-limits.ts'
import type { ClientLoads, Place } from '../../load/client-loads.ts'
import type { Operation } from '../execute.ts'
import type { OperationRequest } from '../request-parser.ts'
import type { ClientMessage } from './message.ts'
import type { Outbox } from './outbox.ts'

const RETRY_AFTER_S = 1
/** So many messages of a subscription are sent before others have their turn. */
const MESSAGES_A_TURN = 20

/** An operation, or what is to be said instead. */
type Prepared = Operation | readonly GraphQLError[]

export interface SessionOptions {
  readonly outbox: Outbox
  readonly limits: EnforcedLimits
  readonly loads: ClientLoads
  /** Lets the client in; undefined where it is not, and the socket was closed with the reason. */
  readonly enter: (parameters: Readonly<Record<string, unknown>> | undefined) => Promise<Principal | undefined>
  readonly clientOf: (principal: Principal) => string
  readonly prepare: (request: OperationRequest, principal: Principal, signal: AbortSignal) => Prepared
  readonly refusal: (error: HarkError) => GraphQLError
  /** Undefined where a message may be sent to the client at once; else resolves when it may. */
  readonly turn: (principal: Principal) => Promise<void> | undefined
  readonly close: (code: number, reason: string) => void
  /** Called as each operation begins, and at its end. */
  readonly began: () => void
  readonly ended: () => void
  /** Called where an operation failed in a way that has no answer. */
  readonly failed: (error: unknown) => void
}

/** One operation of a client's. Its end is the abort of its signal, whoever brings it about. */
interface UnderWay {
  readonly id: string
  readonly end: AbortController
}

/** One client's side of the protocol graphql-transport-ws. Whatever it opens ends with it. */
export class Session {
  readonly #options: SessionOptions
  /** What the client may name by its id. */
  readonly #named = new Map<string, UnderWay>()
  /** Queries and commands that are worked on, named or not. */
  #working = 0
  #principal: Principal | undefined
  #isInitialised = false
  #isClosed = false

  constructor(options: SessionOptions) {
    this.#options = options
  }

  get isInitialised(): boolean {
    return this.#isInitialised
  }

  /** @param bytes that the message has */
  take(message: ClientMessage | undefined, bytes: number): void {
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
        return this.#named.get(message.id)?.end.abort(OVER)
    }
  }

  /** The socket is closed, or is about to be: ends all that is under way on it. */
  closed(): void {
    this.#isClosed = true
    for (const { end } of this.#named.values()) end.abort(OVER)
  }

  #close(code: number, reason: string): void {
    this.closed()
    this.#options.close(code, reason)
  }

  #send(message: object): void {
    this.#options.outbox.send(JSON.stringify(message))
  }

  #initialise(parameters: Readonly<Record<string, unknown>> | undefined): void {
    if (this.#isInitialised)
      return this.#close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests')
    this.#isInitialised = true
    void this.#enter(parameters)
  }

  async #enter(parameters: Readonly<Record<string, unknown>> | undefined): Promise<void> {
    const principal = await this.#options.enter(parameters)
    if (principal === undefined) return this.closed()
    this.#principal = principal
    if (!this.#isClosed) this.#send({ type: 'connection_ack' })
  }

  #subscribe(id: string, request: OperationRequest, bytes: number): void {
    const principal = this.#principal
    if (principal === undefined) return this.#close(CloseCode.Unauthorized, 'Unauthorized')
    if (this.#named.has(id))
      return this.#close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id.slice(0, 60)} already exists`)
    const underWay: UnderWay = { id, end: new AbortController() }
    // Its id may be used again from now on, however long what it stood for takes to end.
    underWay.end.signal.addEventListener('abort', () => this.#named.delete(id), { once: true })
    this.#named.set(id, underWay)
    this.#options.began()
    void this.#run(underWay, request, principal, bytes)
      .catch(error => this.#options.failed(error))
      .finally(() => {
        underWay.end.abort(OVER)
        this.#options.ended()
      })
  }

  async #run(underWay: UnderWay, request: OperationRequest, principal: Principal, bytes: number): Promise<void> {
    const { id, end } = underWay
    let place: Place | undefined
    try {
      place = this.#takePlace(principal, bytes)
      const operation = this.#options.prepare(request, principal, end.signal)
      if (!('run' in operation)) return this.#send({ id, type: 'error', payload: operation })
      await this.#answer(underWay, operation, principal, place)
    } catch (error) {
      if (!(error instanceof HarkError)) throw error
      this.#send({ id, type: 'error', payload: [this.#options.refusal(error)] })
    } finally {
      place?.end()
    }
  }

  /** @throws HarkError UNAVAILABLE where the connection, or the client, has too much under way */
  #takePlace(principal: Principal, bytes: number): Place {
    const { limits, loads, clientOf } = this.#options
    const { connectionOperations } = limits
    if (this.#working >= connectionOperations) {
      limits.hit('connectionOperations')
      throw new HarkError(
        'UNAVAILABLE',
        `Too many operations of one connection are under way: ${connectionOperations} is the most`,
        { limit: 'connectionOperations', retryAfterSeconds: RETRY_AFTER_S },
      )
    }
    const place = loads.enter(clientOf(principal), bytes)
    this.#working += 1
    let isOver = false
    return {
      ...place,
      end: () => {
        if (isOver) return
        isOver = true
        this.#working -= 1
        place.end()
      },
    }
  }

  async #answer(underWay: UnderWay, operation: Operation, principal: Principal, place: Place): Promise<void> {
    const { outbox } = this.#options
    const { signal } = underWay.end
    if (operation.type === OperationTypeNode.QUERY) {
      await outbox.room()
      await place.begin()
    }
    if (signal.aborted) return
    const results = await operation.run()
    if (isAsyncIterable(results)) {
      // Of those there is another limit.
      place.end()
      return this.#tellAll(underWay, results, principal)
    }
    const text = await operation.text(results as ExecutionResult)
    if (signal.aborted) return
    place.answered(text.length)
    await new Promise<void>(read => {
      outbox.send(nextMessage(underWay.id, text), read)
      this.#complete(underWay)
    })
  }

  async #tellAll(underWay: UnderWay, texts: AsyncIterable<string>, principal: Principal): Promise<void> {
    const { outbox, turn } = this.#options
    const { signal } = underWay.end
    let sent = 0
    for await (const text of texts) {
      sent += 1
      if (sent % MESSAGES_A_TURN === 0) await turn(principal)
      if (signal.aborted) return
      outbox.send(nextMessage(underWay.id, text))
      const room = outbox.room()
      if (room !== undefined) await room
    }
    if (!signal.aborted) this.#complete(underWay)
  }

  #complete({ id, end }: UnderWay): void {
    this.#send({ id, type: 'complete' })
    end.abort(OVER)
  }
}

const nextMessage = (id: string, result: string): string =>
  `{"id":${JSON.stringify(id)},"type":"next","payload":${result}}`
