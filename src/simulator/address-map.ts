export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Maps the hosts and ports of a router's site to addresses of this machine. */
export interface Places {
  /** The address to listen on or connect to; port 0 takes a free one. */
  of(router: string, endpoint: Endpoint): Endpoint
  /** Records the port that was taken. */
  taken(router: string, endpoint: Endpoint, port: number): void
}

/** Uses hosts and ports as they are, like a real router. */
export const IDENTITY: Places = {
  of: (_, endpoint) => endpoint,
  taken: () => undefined,
}

const LOOPBACK = '127.0.0.1'

/**
 * Maps every host and port of a site to a free port of 127.0.0.1, so that ports of the machine do not matter and no name
 * has to resolve.
 */
export class LoopbackAddresses implements Places {
  readonly #ports = new Map<string, number>()

  of(router: string, { host, port }: Endpoint): Endpoint {
    return { host: LOOPBACK, port: this.#ports.get(`${router} ${host}:${port}`) ?? 0 }
  }

  taken(router: string, { host, port }: Endpoint, taken: number): void {
    this.#ports.set(`${router} ${host}:${port}`, taken)
  }
}
