import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import rhea, { type Connection, type ConnectionOptions, type EventContext, type Session } from 'rhea'
import { abortable } from '../../lib/abortable.ts'
import type { Clock } from '../../lib/clock.ts'
import { RouterUnreachable } from './management.ts'
import { PauseAwareClock } from './pause-aware-clock.ts'
import { guardConnection } from './rhea-hardening.ts'

/** A router is to send something at least this often. */
const IDLE_TIME_OUT_MS = 3500
/** After so long a silence a router counts as gone: it has missed to send twice. */
const LONGEST_SILENCE_MS = 7000
/** How long a router is waited for at the end. */
const FAREWELL_MS = 1000
const LARGEST_FRAME = 1 << 20
/** What AMQP lets nobody go below. */
const SMALLEST_FRAME = 512

/** How to prove who one is; the mechanism's name is the one SASL knows it by. */
export interface SaslMechanism {
  readonly name: 'ANONYMOUS' | 'EXTERNAL' | 'PLAIN'
  readonly initialResponse: Buffer
}

/** One AMQP connection over an open socket. It does not come back: whatever goes wrong ends it. */
export class AmqpConnection {
  readonly clock: PauseAwareClock
  readonly #timers: Clock
  readonly #over = new AbortController()
  readonly #connection: Connection
  readonly #socket: Socket
  #heardAt = 0
  #isOpen = false
  #farewell: Promise<void> | undefined

  /** @param containerName how this client calls itself; others on the router can see it */
  constructor(socket: Socket, hostname: string, mechanism: SaslMechanism, containerName: string, clock: Clock) {
    this.#socket = socket
    this.#timers = clock
    this.clock = new PauseAwareClock(clock, error =>
      this.end(new RouterUnreachable('What the router says cannot be handled', { cause: error })),
    )
    const start = (answer: (error: undefined, response: Buffer) => void) => answer(undefined, mechanism.initialResponse)
    const options: ConnectionOptions & { sasl_mechanisms: object } = {
      connection_details: () => ({ host: hostname, port: 0, connect: take(socket) }),
      port: 0,
      container_id: `${containerName}#${randomUUID()}`,
      hostname,
      reconnect: false,
      idle_time_out: IDLE_TIME_OUT_MS,
      max_frame_size: LARGEST_FRAME,
      sasl_mechanisms: { [mechanism.name]: () => ({ start, step: start }) },
    }
    this.#connection = rhea.create_container().create_connection(options)
    this.#hear()
    guardConnection(this.#connection, {
      isOver: () => socket.destroyed,
      onInput: () => {
        this.#heardAt = this.clock.now()
      },
      onFault: error => this.#notUnderstood(error),
    })
    this.clock.onTick(() => {
      if (this.clock.now() - this.#heardAt < LONGEST_SILENCE_MS) return
      this.end(new RouterUnreachable(`The router has said nothing for ${LONGEST_SILENCE_MS / 1000} s`))
    })
  }

  /** Aborted when it is over, with a RouterUnreachable. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** Resolves when the router has opened it as well; rejects with the reason of its end. */
  async open(): Promise<void> {
    const opened = new Promise(resolve => this.#connection.once('connection_open', resolve))
    this.#connection.connect()
    await abortable(opened, this.signal)
  }

  /** A session of its own for one purpose, so that what waits there holds up nothing else. */
  openSession(): Session {
    const session = this.#connection.create_session()
    session.on('session_open', () => undefined)
    session.begin()
    return session
  }

  /** Ends it at once. */
  end(reason: RouterUnreachable): void {
    this.#abort(reason)
    // With an error, as by that rhea learns of it and stops its timers.
    this.#socket.destroy(reason)
  }

  #abort(reason: RouterUnreachable): void {
    if (this.signal.aborted) return
    this.clock.stop()
    this.#over.abort(reason)
  }

  /** Takes leave of the router, and ends it also where that does not answer. */
  close(): Promise<void> {
    this.#farewell ??= this.#takeLeave()
    return this.#farewell
  }

  async #takeLeave(): Promise<void> {
    this.#abort(new RouterUnreachable('The session with the router is closed'))
    if (this.#isOpen && !this.#socket.destroyed) {
      const { promise: left, resolve } = Promise.withResolvers<void>()
      const timer = this.#timers.setTimeout(resolve, FAREWELL_MS)
      this.#connection.once('connection_close', () => resolve())
      this.#socket.once('close', () => resolve())
      this.#connection.close()
      await left
      timer.cancel()
    }
    this.end(this.signal.reason)
  }

  #hear(): void {
    const fail = (words: string) => this.end(new RouterUnreachable(words))
    const on = (event: string, listener: (context: EventContext) => void) => this.#connection.on(event, listener)
    on('connection_open', () => this.#opened())
    on('connection_error', ({ error }) =>
      fail(`The router ${this.#isOpen ? 'ended the connection' : 'refuses'}: ${conditionOf(error)}`),
    )
    on('connection_close', () => fail('The router closed the connection'))
    on('disconnected', ({ error }) => fail(`The connection was lost${error ? `: ${error.message}` : ''}`))
    this.#connection.on('protocol_error', error => this.#notUnderstood(error))
    this.#connection.on('error', error => this.#notUnderstood(error))
    on('session_error', ({ session }) => fail(`The router ended a session: ${conditionOf(session?.error)}`))
    on('session_close', () => fail('The router ended a session'))
    // What is opened from here has listeners of its own: these are of what the router opens.
    for (const event of ['session_open', 'receiver_open', 'sender_open']) {
      on(event, () => fail('The router opened what nobody asked for'))
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
      this.#notUnderstood(new RangeError(`frames of at most ${largest} bytes`))
    }
  }

  #notUnderstood(error: unknown): void {
    const words = error instanceof Error ? error.message : String(error)
    this.end(new RouterUnreachable(`What the router says cannot be understood: ${words}`, { cause: error }))
  }
}

/** How rhea connects, where that has been done already. */
const take = (socket: Socket) => (_port: unknown, _host: unknown, _options: unknown, connected: () => void) => {
  process.nextTick(connected)
  return socket
}

const conditionOf = (error: { condition?: string; description?: string } | Error | undefined): string => {
  if (error === undefined || error === null) return 'it gave no reason'
  const { condition, description } = error as { condition?: string; description?: string }
  const words = description ?? (error instanceof Error ? error.message : undefined)
  if (words && condition) return `${words} (${condition})`
  return words || condition || 'it gave no reason'
}

const addressOf = (terminus: { address?: string } | null | undefined): string =>
  terminus?.address ? ` of ${terminus.address}` : ''
