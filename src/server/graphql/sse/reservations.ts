import { randomUUID } from 'node:crypto'
import { HarkError } from '../../../../schemas/errors.ts'
import type { EnforcedLimits } from '../../limits.ts'
import { OpenLimit } from '../../open-limit.ts'
import { SseConnection, type SseConnectionOptions } from './connection.ts'

type StreamServices = Omit<SseConnectionOptions, 'clientKey' | 'limits' | 'onClose'>

/** Only the client that reserved a stream finds it. */
export class Reservations {
  readonly #limits: EnforcedLimits
  readonly #services: StreamServices
  readonly #streams = new Map<string, SseConnection>()
  readonly #open: OpenLimit

  constructor(limits: EnforcedLimits, services: StreamServices) {
    this.#limits = limits
    this.#services = services
    this.#open = new OpenLimit(limits, 'event streams')
  }

  /** Returns the token, which is valid until the stream ends. */
  add(clientKey: string): string {
    this.#open.assertRoom(clientKey)
    const token = randomUUID()
    const onClose = (): void => {
      this.#streams.delete(token)
      this.#open.remove(clientKey)
    }
    this.#streams.set(token, new SseConnection({ ...this.#services, clientKey, limits: this.#limits, onClose }))
    this.#open.add(clientKey)
    return token
  }

  /** @throws HarkError NOT_FOUND, also for the token of another client */
  find(token: string | undefined, clientKey: string): SseConnection {
    const stream = token === undefined ? undefined : this.#streams.get(token)
    if (stream?.clientKey === clientKey && !stream.isEnded) return stream
    throw new HarkError('NOT_FOUND', 'no such event stream: reserve one with PUT, and send its token')
  }

  drain(): void {
    for (const stream of this.#streams.values()) stream.drain()
  }
}
