import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { LimitName } from '../../../schemas/limits.ts'
import type { EnforcedLimits } from '../enforced-limits.ts'
import { refusalBody } from '../graphql/masked-errors.ts'

const SECOND_MS = 1000
/** How often Node.js looks for clients that take too long; by itself it would every half a minute. */
const LOOK_EVERY_MS = 500
const FAREWELL_MS = 1000

/** For `createServer` of Node.js, with TLS or without. */
export const timeoutOptions = ({ headersSeconds, requestSeconds }: EnforcedLimits) => ({
  // Node.js does not start where the head may take longer than the whole.
  headersTimeout: Math.min(headersSeconds, requestSeconds) * SECOND_MS,
  requestTimeout: requestSeconds * SECOND_MS,
  /** Of TLS: it comes before any head. */
  handshakeTimeout: headersSeconds * SECOND_MS,
  connectionsCheckingInterval: LOOK_EVERY_MS,
})

const LATE = /^ERR_(HTTP_REQUEST|TLS_HANDSHAKE)_TIMEOUT$/
const TLS = /^ERR_(TLS|SSL)_|^ECONNRESET$|^EPROTO$/

const STATUS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
}

/** What was no request, or not in time, is answered past all that answers requests. */
const rawResponse = (status: string, headers: Readonly<Record<string, string>>, body: string): string => {
  const lines = Object.entries({
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`
}

export interface SlowClientsOptions {
  readonly limits: EnforcedLimits
  /** For every answer. */
  readonly headers: Readonly<Record<string, string>>
}

/** Parts with clients that send nothing, or too slowly, and with what speaks no HTTP. */
export class ClientTimeouts {
  readonly #limits: EnforcedLimits
  readonly #headers: Readonly<Record<string, string>>
  /** The request that came last on a connection. */
  readonly #latest = new WeakMap<Duplex, IncomingMessage>()

  constructor({ limits, headers }: SlowClientsOptions) {
    this.#limits = limits
    this.#headers = headers
  }

  /** To be called of everything whose head is there. */
  heard(request: IncomingMessage): void {
    this.#latest.set(request.socket, request)
  }

  /** Node.js leaves connections to us on which nothing came after the last answer. */
  watch(server: Server): void {
    server.on('timeout', socket => {
      this.#limits.hit('idleSeconds')
      socket.destroy()
    })
  }

  /** Hangs up on a client that does not take its answer in time. To be called as the answer begins. */
  mustRead(answer: ServerResponse): void {
    const { answerSeconds } = this.#limits
    const timer = setTimeout(() => {
      this.#limits.hit('answerSeconds')
      answer.destroy()
    }, answerSeconds * SECOND_MS).unref()
    answer.once('close', () => clearTimeout(timer))
  }

  /** Answers what Node.js could make no request of. */
  refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
    const isLate = LATE.test(error.code ?? '')
    const limit = this.#slowness(socket)
    if (isLate) this.#limits.hit(limit)
    // Where there is no TLS yet there is nobody to tell.
    if (TLS.test(error.code ?? '') || !socket.writable) {
      socket.destroy()
      return
    }
    const message = isLate
      ? `The request took longer than ${this.#limits[limit]} s`
      : 'This is no HTTP request that can be read'
    const body = refusalBody('BAD_USER_INPUT', message, isLate ? limit : undefined)
    socket.end(rawResponse(STATUS[error.code ?? ''] ?? '400 Bad Request', this.#headers, body))
    // Whoever does not take it is not waited for.
    setTimeout(() => socket.destroy(), FAREWELL_MS).unref()
  }

  #slowness(socket: Duplex): LimitName & ('headersSeconds' | 'requestSeconds') {
    return this.#latest.get(socket)?.complete === false ? 'requestSeconds' : 'headersSeconds'
  }
}
