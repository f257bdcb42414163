import { createHash, type Hash } from 'node:crypto'
import type { HistoryDatabase } from '../../engine/history/history-database.ts'
import { eventNamespace } from '../../engine/overview/event-times.ts'
import type { Finding } from '../../integrity/verify/finding.ts'

type Sums = Map<string, Hash>

const add = (sums: Sums, namespace: string, time: number): void => {
  const sum = sums.get(namespace) ?? createHash('sha256')
  sum.update(`${time} `)
  sums.set(namespace, sum)
}

const inWords = (sums: Sums): ReadonlyMap<string, string> =>
  new Map([...sums].map(([namespace, sum]) => [namespace, sum.digest('base64')]))

export class EventTimesCheck {
  readonly #database: HistoryDatabase
  readonly #expected: Sums = new Map()

  constructor(database: HistoryDatabase) {
    this.#database = database
  }

  take(stream: string, time: number): void {
    const namespace = eventNamespace(stream)
    if (namespace !== undefined) add(this.#expected, namespace, time)
  }

  *findings(): Iterable<Finding> {
    const found: Sums = new Map()
    for (const { namespace, base, deltas } of this.#database.eventTimes.all())
      for (const delta of deltas) add(found, namespace, base + delta)
    const [expected, stored] = [inWords(this.#expected), inWords(found)]
    const misnumbered = this.#database.eventTimes.misnumbered()
    for (const namespace of new Set([...expected.keys(), ...stored.keys()]))
      if (expected.get(namespace) !== stored.get(namespace) || misnumbered.includes(namespace))
        yield { place: `the times of events in namespace ${namespace}`, fault: 'they do not follow from the log' }
  }
}
