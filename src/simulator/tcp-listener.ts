import net, { type AddressInfo } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import type { Endpoint } from './address-map.ts'

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EACCES: 'Permission denied',
  ENOTFOUND: 'Name or service not known',
  EAI_AGAIN: 'Temporary failure in name resolution',
}

/** A router keeps a client waiting if it cannot look up the connector's host. */
const UNRESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN'])

interface TcpListenerOptions {
  readonly endpoint: Endpoint
  readonly address: () => Endpoint
  readonly onOpened: (port: number) => void
  readonly tls?: () => SecureContext | undefined
  readonly workload: () => Endpoint | undefined
}

/**
 * Open while its address has a connector. Like a router, it reports a failure to open, and retries only after the
 * address had no connector.
 */
export class TcpListener {
  readonly #options: TcpListenerOptions
  readonly #clients = new Set<net.Socket>()
  #server: net.Server | undefined
  #isUp = false
  #message = ''
  #tls: SecureContext | undefined

  constructor(options: TcpListenerOptions) {
    this.#options = options
    this.renew()
  }

  renew(): void {
    this.#tls = this.#options.tls?.() ?? this.#tls
  }

  get operStatus(): 'up' | 'down' {
    return this.#isUp ? 'up' : 'down'
  }

  get connectionMsg(): string {
    return this.#message
  }

  setMatched(isMatched: boolean): void {
    if (isMatched === (this.#server !== undefined)) return
    if (isMatched) this.#open()
    else this.close()
  }

  #open(): void {
    const { host, port } = this.#options.endpoint
    const server = net.createServer({ allowHalfOpen: true }, client => this.#secure(client))
    this.#server = server
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#server !== server) return
      this.#isUp = false
      const reason = REASONS[error.code ?? ''] ?? error.message
      this.#message = `${reason} - listen on ${host}:${port}`
    })
    server.on('listening', () => {
      if (this.#server !== server) return
      this.#isUp = true
      this.#message = ''
      this.#options.onOpened((server.address() as AddressInfo).port)
    })
    const address = this.#options.address()
    // A router uses the lower 16 bits of a larger port.
    server.listen({ host: address.host, port: address.port & 0xffff, exclusive: true })
  }

  #secure(client: net.Socket): void {
    if (this.#tls === undefined) {
      this.#serve(client)
      return
    }
    client.on('error', () => undefined)
    const secured = new TLSSocket(client, { isServer: true, secureContext: this.#tls, allowHalfOpen: true } as object)
    secured.on('error', () => undefined)
    secured.once('secure', () => this.#serve(secured))
  }

  #serve(client: net.Socket): void {
    const to = this.#options.workload()
    if (to === undefined) {
      client.destroy()
      return
    }
    const server = net.connect({ ...to, allowHalfOpen: true })
    let isUnresolved = false
    server.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
      isUnresolved = UNRESOLVED.has(code)
    })
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#clients.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#clients.delete(socket)
        if (socket === client || !isUnresolved) other.destroy()
      })
    }
    client.pipe(server).pipe(client)
  }

  close(): void {
    this.#server?.close()
    this.#server = undefined
    this.#isUp = false
    for (const socket of this.#clients) socket.destroy()
  }
}
