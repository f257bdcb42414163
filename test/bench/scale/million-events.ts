import { randomUUID } from 'node:crypto'
import type { DomainEvent } from '../../../schemas/events/events.ts'
import { listenerStream } from '../../../schemas/events/streams.ts'
import { NO_STREAM } from '../../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../../src/event-store/sqlite/store.ts'
import { eventFile } from '../engine.ts'
import type { Subject } from '../steady-rate.ts'

export const LISTENERS = 1_000
export const EVENTS = 1_000_000
const AN_APPEND = 500

export const subjectAt = (listener: number): Subject => ({ namespace: 'bench', name: `listener-${listener}` })

const eventAt = (index: number, subject: Subject & { readonly uid: string }): DomainEvent => {
  const { name } = subject
  if (index === 0) {
    const settings = { observer: 'auto' as const }
    const spec = { routingKey: name, host: name, port: 8080, type: 'tcp', exposePodsByName: false, settings }
    return { type: 'ListenerCreated', data: { ...subject, spec } }
  }
  const [port, previous] = [8080 + (index % 50), 8080 + ((index - 1) % 50)]
  return { type: 'PortUpdated', data: { ...subject, generation: index + 1, port, previous } }
}

/** Appends the events of listeners' lives directly to a SQLite store in the folder, which is faster than commands. */
export const recordEvents = async (folder: string, count: number): Promise<void> => {
  const store = openSqliteEventStore({ file: eventFile(folder) })
  const uids = Array.from({ length: LISTENERS }, () => randomUUID())
  const each = Math.min(AN_APPEND, count / LISTENERS)
  for (let from = 0; from < count / LISTENERS; from += each) {
    for (const [listener, uid] of uids.entries()) {
      const subject = { ...subjectAt(listener), uid }
      const metadata = { schemaVersion: 1, actor: `actor-${listener % 50}`, correlationId: randomUUID() }
      const events = Array.from({ length: each }, (_, index) => ({
        id: randomUUID(),
        ...eventAt(from + index, subject),
        metadata,
      }))
      await store.append(listenerStream(subject.namespace, subject.name), from === 0 ? NO_STREAM : from - 1, events)
    }
  }
  await store.close()
}

export const recordMillionEvents = (folder: string): Promise<void> => recordEvents(folder, EVENTS)
