import { connect, type Socket } from 'node:net'

/** Posts one request after another over one connection. With `node:http` a client takes as long as the server. */
export class HttpConnection {
  readonly #socket: Socket
  readonly #head: string
  #received = ''
  #answer: PromiseWithResolvers<string> | undefined

  constructor(url: string, { token, localAddress }: { readonly token?: string; readonly localAddress?: string } = {}) {
    const { hostname, port, host, pathname } = new URL(url)
    const authorization = token === undefined ? '' : `authorization: Bearer ${token}\r\n`
    this.#head = `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\n${authorization}content-type: application/json\r\ncontent-length: `
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true, ...(localAddress && { localAddress }) })
    // A character a byte, as lengths are in bytes.
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (chunk: Buffer | string) => this.#receive(String(chunk)))
    this.#socket.on('error', error => this.#answer?.reject(error))
    this.#socket.on('close', () => this.#answer?.reject(new Error('the connection was closed')))
  }

  /** @throws Error with the response if it has errors */
  post(body: string): Promise<string> {
    this.#answer = Promise.withResolvers()
    this.#socket.write(`${this.#head}${Buffer.byteLength(body)}\r\n\r\n${body}`)
    return this.#answer.promise
  }

  close(): void {
    this.#answer = undefined
    this.#socket.destroy()
  }

  #receive(chunk: string): void {
    this.#received += chunk
    const body = this.#received.indexOf('\r\n\r\n') + 4
    if (body < 4) return
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#received)?.[1])
    if (!(this.#received.length < body + length)) this.#settle(this.#received.slice(body))
  }

  #settle(text: string): void {
    const isAnswered = this.#received.startsWith('HTTP/1.1 200 ') && !text.includes('"errors"')
    this.#received = ''
    if (isAnswered) this.#answer?.resolve(text)
    else this.#answer?.reject(new Error(text))
  }
}
