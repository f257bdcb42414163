import type { Server } from 'node:https'
import { createSecureContext, type SecureContext } from 'node:tls'

export interface ServerTls {
  readonly certificate: string
  readonly key: string
}

export class ReplaceableTls {
  #tls: ServerTls
  #context: SecureContext

  constructor(tls: ServerTls) {
    this.#tls = tls
    this.#context = createSecureContext({ cert: tls.certificate, key: tls.key })
  }

  get options() {
    return {
      cert: this.#tls.certificate,
      key: this.#tls.key,
      // For localhost, Fastify opens a second server that `replace` does not receive.
      SNICallback: (_: string, done: (error: null, context: SecureContext) => void) => done(null, this.#context),
    }
  }

  replace(server: Server, tls: ServerTls): void {
    const { certificate: cert, key } = tls
    this.#context = createSecureContext({ cert, key })
    this.#tls = tls
    server.setSecureContext({ cert, key })
  }
}
