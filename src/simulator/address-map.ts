/** A host and port as manifests name them. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Where on this machine the hosts and ports of a router's site really are. */
export interface Places {
  /** What to listen on, or to connect to; port 0 takes one that is free. */
  of(router: string, endpoint: Endpoint): Endpoint
  /** To be told what port was taken. */
  taken(router: string, endpoint: Endpoint, port: number): void
}

/** Hosts and ports are what they are called, as on a router. */
export const IDENTITY: Places = {
  of: (_, endpoint) => endpoint,
  taken: () => undefined,
}

const LOOPBACK = '127.0.0.1'

/**
 * Each site has host names and ports of its own, as a cluster has services: here every one of them is a port of 127.0.0.1
 * that was free, so that nothing of the machine is in the way, and nothing has to be looked up.
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
