import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Duplex, Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { LimitName } from '../../config/limits.ts'
import { errorBody } from '../graphql/mask-error.ts'
import type { EnforcedLimits } from '../limits.ts'

const SECOND_MS = 1000
/** The default of Node.js is 30 s. */
const CHECK_INTERVAL_MS = 500
const CLOSE_TIMEOUT_MS = 1000

export const timeoutOptions = ({ headersSeconds, requestSeconds }: EnforcedLimits) => ({
  // Node.js rejects a headersTimeout above the requestTimeout.
  headersTimeout: Math.min(headersSeconds, requestSeconds) * SECOND_MS,
  requestTimeout: requestSeconds * SECOND_MS,
  handshakeTimeout: headersSeconds * SECOND_MS,
  connectionsCheckingInterval: CHECK_INTERVAL_MS,
})

const TIMEOUT = /^ERR_(HTTP_REQUEST|TLS_HANDSHAKE)_TIMEOUT$/
const TLS = /^ERR_(TLS|SSL)_|^ECONNRESET$|^EPROTO$/

const STATUS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
}

const rawResponse = (status: string, headers: Readonly<Record<string, string>>, body: string): string => {
  const lines = Object.entries({
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`
}

export class ClientTimeouts {
  readonly #limits: EnforcedLimits
  readonly #headers: Readonly<Record<string, string>>
  readonly #latest = new WeakMap<Duplex, IncomingMessage>()

  constructor(limits: EnforcedLimits, headers: Readonly<Record<string, string>>) {
    this.#limits = limits
    this.#headers = headers
  }

  register(app: FastifyInstance): void {
    // Emitted for idle connections, which Node.js leaves open if there is a listener.
    app.server.on('timeout', socket => {
      this.#limits.hit('idleSeconds')
      socket.destroy()
    })
    app.addHook('onRequest', ({ raw }, _, done) => {
      this.#latest.set(raw.socket, raw)
      done()
    })
    app.addHook('onSend', (_, reply, payload, done) => {
      if (payload instanceof Readable) this.#limitStream(payload, reply.raw)
      else this.#limitResponse(reply.raw)
      done(null, payload)
    })
  }

  #limitResponse(response: ServerResponse): void {
    const timer = this.#startTimer(response)
    response.once('close', () => clearTimeout(timer))
  }

  #startTimer(response: ServerResponse): NodeJS.Timeout {
    const { answerSeconds } = this.#limits
    return setTimeout(() => {
      this.#limits.hit('answerSeconds')
      response.destroy()
    }, answerSeconds * SECOND_MS).unref()
  }

  /** A stream is paused while the client does not read what was sent. */
  #limitStream(stream: Readable, response: ServerResponse): void {
    let timer: NodeJS.Timeout | undefined
    stream.on('pause', () => {
      timer ??= this.#startTimer(response)
    })
    stream.on('resume', () => {
      clearTimeout(timer)
      timer = undefined
    })
    stream.once('close', () => clearTimeout(timer))
  }

  onClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
    const isTimeout = TIMEOUT.test(error.code ?? '')
    const limit = this.#limitOf(socket)
    if (isTimeout) this.#limits.hit(limit)
    // A client cannot read a response before TLS is established.
    if (TLS.test(error.code ?? '') || !socket.writable) {
      socket.destroy()
      return
    }
    const message = isTimeout ? `the request took longer than ${this.#limits[limit]} s` : 'malformed HTTP request'
    const body = errorBody('BAD_USER_INPUT', message, isTimeout ? limit : undefined)
    socket.end(rawResponse(STATUS[error.code ?? ''] ?? '400 Bad Request', this.#headers, body))
    setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS).unref()
  }

  #limitOf(socket: Duplex): LimitName & ('headersSeconds' | 'requestSeconds') {
    return this.#latest.get(socket)?.complete === false ? 'requestSeconds' : 'headersSeconds'
  }
}
