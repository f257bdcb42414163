import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import rhea, { type Connection, type ConnectionOptions, type EventContext, type Session } from 'rhea'
import { abortable } from '../../lib/abortable.ts'
import type { Clock } from '../../lib/clock.ts'
import { RouterUnreachable } from './management.ts'
import { PauseAwareClock } from './pause-aware-clock.ts'
import { guardConnection } from './rhea-hardening.ts'

const IDLE_TIME_OUT_MS = 3500
const LONGEST_SILENCE_MS = 7000
const CLOSE_TIMEOUT_MS = 1000
const LARGEST_FRAME = 1 << 20
const SMALLEST_FRAME = 512

export interface SaslMechanism {
  readonly name: 'ANONYMOUS' | 'EXTERNAL' | 'PLAIN'
  readonly initialResponse: Buffer
}

/** It does not reconnect. */
export class AmqpConnection {
  readonly clock: PauseAwareClock
  readonly #timers: Clock
  readonly #over = new AbortController()
  readonly #connection: Connection
  readonly #socket: Socket
  #receivedAt = 0
  #isOpen = false
  #closing: Promise<void> | undefined

  constructor(socket: Socket, hostname: string, mechanism: SaslMechanism, containerName: string, clock: Clock) {
    this.#socket = socket
    this.#timers = clock
    this.clock = new PauseAwareClock(clock, error =>
      this.abort(new RouterUnreachable('A message of the router cannot be handled', { cause: error })),
    )
    const start = (answer: (error: undefined, response: Buffer) => void) => answer(undefined, mechanism.initialResponse)
    const options: ConnectionOptions & { sasl_mechanisms: object } = {
      connection_details: () => ({ host: hostname, port: 0, connect: reuse(socket) }),
      port: 0,
      container_id: `${containerName}#${randomUUID()}`,
      hostname,
      reconnect: false,
      idle_time_out: IDLE_TIME_OUT_MS,
      max_frame_size: LARGEST_FRAME,
      sasl_mechanisms: { [mechanism.name]: () => ({ start, step: start }) },
    }
    this.#connection = rhea.create_container().create_connection(options)
    this.#listen()
    guardConnection(this.#connection, {
      isOver: () => socket.destroyed,
      onInput: () => {
        this.#receivedAt = this.clock.now()
      },
      onFault: error => this.#protocolError(error),
    })
    this.clock.onTick(() => {
      if (this.clock.now() - this.#receivedAt < LONGEST_SILENCE_MS) return
      this.abort(new RouterUnreachable(`The router has been silent for ${LONGEST_SILENCE_MS / 1000} s`))
    })
  }

  get signal(): AbortSignal {
    return this.#over.signal
  }

  async open(): Promise<void> {
    const opened = new Promise(resolve => this.#connection.once('connection_open', resolve))
    this.#connection.connect()
    await abortable(opened, this.signal)
  }

  /** Its flow control does not block other sessions. */
  openSession(): Session {
    const session = this.#connection.create_session()
    session.on('session_open', () => undefined)
    session.begin()
    return session
  }

  abort(reason: RouterUnreachable): void {
    this.#abort(reason)
    // With an error, because rhea then stops its timers.
    this.#socket.destroy(reason)
  }

  #abort(reason: RouterUnreachable): void {
    if (this.signal.aborted) return
    this.clock.stop()
    this.#over.abort(reason)
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeGracefully()
    return this.#closing
  }

  async #closeGracefully(): Promise<void> {
    this.#abort(new RouterUnreachable('The session with the router is closed'))
    if (this.#isOpen && !this.#socket.destroyed) {
      const { promise: left, resolve } = Promise.withResolvers<void>()
      const timer = this.#timers.setTimeout(resolve, CLOSE_TIMEOUT_MS)
      this.#connection.once('connection_close', () => resolve())
      this.#socket.once('close', () => resolve())
      this.#connection.close()
      await left
      timer.cancel()
    }
    this.abort(this.signal.reason)
  }

  #listen(): void {
    const fail = (message: string) => this.abort(new RouterUnreachable(message))
    const on = (event: string, listener: (context: EventContext) => void) => this.#connection.on(event, listener)
    on('connection_open', () => this.#opened())
    on('connection_error', ({ error }) =>
      fail(`The router ${this.#isOpen ? 'ended the connection' : 'refuses'}: ${conditionOf(error)}`),
    )
    on('connection_close', () => fail('The router closed the connection'))
    on('disconnected', ({ error }) => fail(`The connection was lost${error ? `: ${error.message}` : ''}`))
    this.#connection.on('protocol_error', error => this.#protocolError(error))
    this.#connection.on('error', error => this.#protocolError(error))
    on('session_error', ({ session }) => fail(`The router ended a session: ${conditionOf(session?.error)}`))
    on('session_close', () => fail('The router ended a session'))
    // Sessions and links from here have their own listeners.
    for (const event of ['session_open', 'receiver_open', 'sender_open']) {
      on(event, () => fail('The router opened a session or link of its own'))
    }
    for (const event of ['receiver_error', 'receiver_close', 'sender_error', 'sender_close']) {
      on(event, ({ receiver, sender }) => {
        const link = receiver ?? sender
        const address = addressOf(receiver?.source ?? sender?.target)
        fail(`The router closed the link${address}: ${conditionOf(link?.error)}`)
      })
    }
  }

  #opened(): void {
    this.#isOpen = true
    const largest = this.#connection.max_frame_size
    if (largest != null && !(largest >= SMALLEST_FRAME)) {
      this.#protocolError(new RangeError(`frames of at most ${largest} bytes`))
    }
  }

  #protocolError(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.abort(new RouterUnreachable(`The router violates the protocol: ${message}`, { cause: error }))
  }
}

const reuse = (socket: Socket) => (_port: unknown, _host: unknown, _options: unknown, connected: () => void) => {
  process.nextTick(connected)
  return socket
}

const conditionOf = (error: { condition?: string; description?: string } | Error | undefined): string => {
  if (error === undefined || error === null) return 'no reason given'
  const { condition, description } = error as { condition?: string; description?: string }
  const message = description ?? (error instanceof Error ? error.message : undefined)
  if (message && condition) return `${message} (${condition})`
  return message || condition || 'no reason given'
}

const addressOf = (terminus: { address?: string } | null | undefined): string =>
  terminus?.address ? ` of ${terminus.address}` : ''
