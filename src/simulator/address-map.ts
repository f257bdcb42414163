export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface AddressMap {
  of(router: string, endpoint: Endpoint): Endpoint
  set(router: string, endpoint: Endpoint, port: number): void
}

export const IDENTITY: AddressMap = {
  of: (_, endpoint) => endpoint,
  set: () => undefined,
}

const LOOPBACK = '127.0.0.1'

export class LoopbackAddresses implements AddressMap {
  readonly #ports = new Map<string, number>()

  of(router: string, { host, port }: Endpoint): Endpoint {
    return { host: LOOPBACK, port: this.#ports.get(`${router} ${host}:${port}`) ?? 0 }
  }

  set(router: string, { host, port }: Endpoint, actual: number): void {
    this.#ports.set(`${router} ${host}:${port}`, actual)
  }
}
