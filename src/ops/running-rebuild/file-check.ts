import { setTimeout as sleep } from 'node:timers/promises'
import { READ_MODEL_PREFIXES } from '../../../schemas/events/streams.ts'
import { HistoryDatabase } from '../../engine/history/history-database.ts'
import { decodeEvent } from '../../engine/read-models/decode-event.ts'
import type { ProjectedTo } from '../../engine/read-models/read-models.ts'
import type { Comparison, Difference } from '../../engine/rebuild/types.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import { ReadModelCheck } from '../verify/check-read-models.ts'

/** Events between two turns of the event loop. */
const SLICE = 1000
const READING = 0.6

export class FileCheck {
  readonly #file: string
  readonly #to: ProjectedTo
  readonly #done: Promise<readonly Difference[]>
  #share = 0

  constructor(file: string, to: ProjectedTo, openStore: () => Promise<EventStore>) {
    this.#file = file
    this.#to = to
    this.#done = this.#run(openStore)
    // Callers receive it with the next call.
    this.#done.catch(() => undefined)
  }

  async #run(openStore: () => Promise<EventStore>): Promise<readonly Difference[]> {
    const { position: to } = this.#to
    const store = await openStore()
    const database = new HistoryDatabase(this.#file, false)
    try {
      const check = new ReadModelCheck(database)
      let count = 0
      for await (const recorded of store.readAll({ prefixes: READ_MODEL_PREFIXES })) {
        if (recorded.position > to) break
        const event = decodeEvent(recorded)
        if (event !== undefined) check.project(event)
        count += 1
        if (count % SLICE === 0) this.#share = (recorded.position / to) * READING
      }
      const { findings } = await check.compare(async (done, total) => {
        this.#share = READING + (done / total) * (1 - READING)
        await sleep(0)
      })
      return findings
    } finally {
      database.close()
      await store.close()
    }
  }

  async within(forMs: number): Promise<Comparison> {
    const late = new AbortController()
    const waiting = sleep(forMs, undefined, { signal: late.signal }).catch(() => undefined)
    const differences = await Promise.race([this.#done, waiting]).finally(() => late.abort())
    const { position: total } = this.#to
    return differences === undefined
      ? { done: Math.floor(this.#share * total), total }
      : { done: total, total, differences }
  }
}
