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

/** A router that cannot look up a connector's host neither connects nor gives up: its client waits. */
const UNRESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN'])

interface ListenerSocketOptions {
  /** As it is configured. */
  readonly endpoint: Endpoint
  /** Where that is on this machine. */
  readonly place: () => Endpoint
  readonly onOpened: (port: number) => void
  /** What it shows its clients where it speaks TLS; asked when it is made, and when that is to be renewed. */
  readonly tls?: () => SecureContext | undefined
  /** Where a client's connection leads. */
  readonly workload: () => Endpoint | undefined
}

/**
 * The real socket of a tcpListener: open while its address has a connector. Where it cannot be opened it says why, and is
 * not tried again before the address had no connector for a while, just as a router does.
 */
export class ListenerSocket {
  readonly #options: ListenerSocketOptions
  readonly #clients = new Set<net.Socket>()
  #server: net.Server | undefined
  #isUp = false
  #message = ''
  #tls: SecureContext | undefined

  constructor(options: ListenerSocketOptions) {
    this.#options = options
    this.renew()
  }

  /** Who connects from now on is shown what there is now. */
  renew(): void {
    this.#tls = this.#options.tls?.() ?? this.#tls
  }

  get operStatus(): 'up' | 'down' {
    return this.#isUp ? 'up' : 'down'
  }

  get connectionMsg(): string {
    return this.#message
  }

  /** To be told whenever it may have changed. */
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
    const place = this.#options.place()
    // A router cuts a port that is too large down to its lower 16 bits.
    server.listen({ host: place.host, port: place.port & 0xffff, exclusive: true })
  }

  #secure(client: net.Socket): void {
    if (this.#tls === undefined) {
      this.#serve(client)
      return
    }
    client.on('error', () => undefined)
    const secured = new TLSSocket(client, { isServer: true, secureContext: this.#tls, allowHalfOpen: true } as object)
    secured.on('error', () => undefined)
    // As a router: nothing is connected to before the handshake is over.
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
