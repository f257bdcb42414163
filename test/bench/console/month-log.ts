import { randomUUID } from 'node:crypto'
import type { DomainEvent } from '../../../schemas/events/events.ts'
import { schemaVersion } from '../../../schemas/events/upcast.ts'
import { type EventStore, type EventToAppend, NO_STREAM } from '../../../src/event-store/event-store.ts'

export const MONTH_MS = 30 * 24 * 60 * 60 * 1000
const BATCH = 200

interface SiteLog {
  readonly listeners: number
  readonly events: number
}

export interface MonthLog {
  /** In the namespaces bench-0, bench-1 and so on. */
  readonly sites: readonly SiteLog[]
  /** Of the first event, in milliseconds since 1970. */
  readonly start: number
}

interface Subject {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

const creation = (subject: Subject): DomainEvent => {
  const settings = { observer: 'auto' as const }
  const { name } = subject
  const spec = { routingKey: name, host: name, port: 8080, type: 'tcp', exposePodsByName: false, settings }
  return { type: 'ListenerCreated', data: { ...subject, spec } }
}

const connection = (namespace: string): DomainEvent[] => [
  { type: 'RouterAttached', data: { namespace, url: 'amqp://router' } },
  { type: 'RouterConnected', data: { namespace, id: `router-${namespace}` } },
]

/** Every fifth round the listener opens its socket; in the others it fails, with varying messages. */
const report = (subject: Subject, listener: number, round: number): DomainEvent => {
  const data = { ...subject, generation: 1 }
  return (round + listener) % 5 === 0
    ? { type: 'ListenerOpened', data }
    : { type: 'ListenerFailedToOpen', data: { ...data, message: `in use by process ${round % 3}` } }
}

/**
 * Appends a month of reports about listeners, evenly over time. In the end the routers are detached: an engine that starts
 * later does not count the time as unobserved.
 *
 * @returns the number of events
 */
export const fillMonth = async (store: EventStore, { sites, start }: MonthLog): Promise<number> => {
  const total = sites.reduce((sum, { events }) => sum + events, 0)
  let index = 0
  const toAppend = ({ type, data }: DomainEvent): EventToAppend => ({
    id: randomUUID(),
    type,
    data,
    metadata: { schemaVersion: schemaVersion(type), actor: 'bench', correlationId: randomUUID() },
    time: new Date(start + Math.floor((index++ * MONTH_MS) / total)).toISOString(),
  })
  const logs = sites.map(({ listeners, events }, number) => {
    const namespace = `bench-${number}`
    const subjects = Array.from({ length: listeners }, (_, listener) => ({
      namespace,
      name: `listener-${listener}`,
      uid: randomUUID(),
    }))
    const reports = events - listeners - connection(namespace).length - 1
    return { namespace, subjects, reports, reported: 0, revision: NO_STREAM }
  })
  const append = async (log: (typeof logs)[number], events: readonly DomainEvent[]): Promise<void> => {
    if (events.length === 0) return
    await store.append(`router-${log.namespace}`, log.revision, events.map(toAppend))
    log.revision += events.length
  }
  for (const log of logs) {
    for (const subject of log.subjects)
      await store.append(`listener-${log.namespace}.${subject.name}`, NO_STREAM, [toAppend(creation(subject))])
    await append(log, connection(log.namespace))
  }
  const rounds = Math.ceil(Math.max(...logs.map(({ reports }) => reports)) / BATCH)
  for (let round = 1; round <= rounds; round += 1) {
    for (const log of logs) {
      const batch: DomainEvent[] = []
      for (const end = Math.floor((log.reports * round) / rounds); log.reported < end; log.reported += 1) {
        const listener = log.reported % log.subjects.length
        batch.push(report(log.subjects[listener] as Subject, listener, Math.floor(log.reported / log.subjects.length)))
      }
      await append(log, batch)
    }
  }
  for (const log of logs) await append(log, [{ type: 'RouterDetached', data: { namespace: log.namespace } }])
  return total
}
