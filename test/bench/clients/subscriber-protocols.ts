/** A subscription at one end of a connection: what it sends, and how it counts results. */
export interface SubscriberProtocol {
  start(send: Send): void
  /** The results that these bytes end; an answer may be sent meanwhile. */
  count(bytes: Buffer, send: Send): number
}

export type Send = (bytes: Buffer | string) => void

export type Transport = 'WebSocket' | 'server-sent events' | 'bare'

/** Once in each result, as the name of a field, and nowhere else in a response. */
export const MARK = 'Q'

const MARK_CODE = MARK.charCodeAt(0)

const countMarks = (bytes: Buffer): number => {
  let marks = 0
  for (let at = bytes.indexOf(MARK_CODE); at !== -1; at = bytes.indexOf(MARK_CODE, at + 1)) marks += 1
  return marks
}

/** Receives what is written to every socket. */
class BareProtocol implements SubscriberProtocol {
  start(): void {}

  count(bytes: Buffer): number {
    return countMarks(bytes)
  }
}

class EventStreamProtocol implements SubscriberProtocol {
  readonly #host: string
  readonly #operation: string

  constructor(host: string, operation: string) {
    this.#host = host
    this.#operation = operation
  }

  start(send: Send): void {
    const length = Buffer.byteLength(this.#operation)
    const headers = `host: ${this.#host}\r\naccept: text/event-stream\r\ncontent-type: application/json`
    send(`POST /graphql HTTP/1.1\r\n${headers}\r\ncontent-length: ${length}\r\n\r\n${this.#operation}`)
  }

  count(bytes: Buffer): number {
    return countMarks(bytes)
  }
}

const [TEXT, PING, PONG] = [1, 9, 10]
const [SHORT, LONG] = [126, 127]

/** A mask of zeros leaves the text as it is. */
const frame = (opcode: number, text = ''): Buffer => {
  const payload = Buffer.from(text)
  const { length } = payload
  const size = length < SHORT ? [0x80 | length] : [0x80 | SHORT, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([0x80 | opcode, ...size, 0, 0, 0, 0]), payload])
}

/** Reads frames without their payloads. */
class WebSocketProtocol implements SubscriberProtocol {
  readonly #host: string
  readonly #operation: string
  #isUpgraded = false
  #isAcknowledged = false
  #header: number[] = []
  #left = 0

  constructor(host: string, operation: string) {
    this.#host = host
    this.#operation = operation
  }

  start(send: Send): void {
    const upgrade = 'connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13'
    const protocol = 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: graphql-transport-ws'
    send(`GET /graphql HTTP/1.1\r\nhost: ${this.#host}\r\n${upgrade}\r\n${protocol}\r\n\r\n`)
  }

  count(bytes: Buffer, send: Send): number {
    let at = this.#isUpgraded ? 0 : this.#upgrade(bytes, send)
    let results = 0
    while (at < bytes.length) {
      if (this.#left === 0) {
        this.#header.push(bytes[at] as number)
        at += 1
        this.#left = this.#payloadLength()
      } else {
        const read = Math.min(this.#left, bytes.length - at)
        this.#left -= read
        at += read
      }
      if (this.#left === 0 && this.#isHeaderWhole()) results += this.#frameEnded(send)
    }
    return results
  }

  #upgrade(bytes: Buffer, send: Send): number {
    this.#isUpgraded = true
    send(frame(TEXT, '{"type":"connection_init"}'))
    return bytes.indexOf('\r\n\r\n') + 4
  }

  #isHeaderWhole(): boolean {
    const { length, 1: size = 0 } = this.#header
    return length === (size === LONG ? 10 : size === SHORT ? 4 : 2)
  }

  #payloadLength(): number {
    if (!this.#isHeaderWhole()) return 0
    const [, size = 0, ...extended] = this.#header
    return size < SHORT ? size : extended.reduce((length, byte) => length * 256 + byte, 0)
  }

  #frameEnded(send: Send): number {
    const opcode = (this.#header[0] as number) & 0x0f
    this.#header = []
    if (opcode === PING) send(frame(PONG))
    if (opcode !== TEXT) return 0
    if (this.#isAcknowledged) return 1
    this.#isAcknowledged = true
    send(frame(TEXT, `{"id":"1","type":"subscribe","payload":${this.#operation}}`))
    return 0
  }
}

export const protocolOf = (transport: Transport, host: string, operation: string): SubscriberProtocol => {
  if (transport === 'bare') return new BareProtocol()
  return transport === 'WebSocket' ? new WebSocketProtocol(host, operation) : new EventStreamProtocol(host, operation)
}
