import type { DomainEvent } from '../../../schemas/events/events.ts'
import { MAINTENANCE_STREAM } from '../../../schemas/events/streams.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import type { Logger } from '../../lib/logger.ts'
import { AuditStream } from './audit-stream.ts'
import { newEvent } from './event-metadata.ts'
import type { Caller } from './types.ts'

export type MaintenanceEvent = DomainEvent<'ReadModelsRebuilt' | 'HistoryCompacted'>

export class MaintenanceLog {
  readonly #stream: AuditStream
  readonly #logger: Logger
  #writing: Promise<void> = Promise.resolve()

  constructor(store: EventStore, logger: Logger) {
    this.#stream = new AuditStream(store, MAINTENANCE_STREAM)
    this.#logger = logger
  }

  /** Resolves once the event is durable, or its loss is logged. */
  async write(event: MaintenanceEvent, caller: Caller): Promise<void> {
    const before = this.#writing
    this.#writing = (async () => {
      await before
      try {
        await this.#stream.append([newEvent(event, { caller })])
      } catch (error) {
        this.#logger.error({ error, event, actor: caller.actor }, 'what was done to the engine could not be recorded')
      }
    })()
    await this.#writing
  }
}
