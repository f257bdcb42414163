import { applyChanges, emptyTables, type Projection, type Tables } from '../../../projections/kit/projection.ts'
import type { DomainEvent, HarkEvent } from '../../../schemas/events/events.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { endpointStream, routerStream } from '../../../schemas/events/streams.ts'
import { schemaVersion } from '../../../schemas/events/upcast.ts'
import { RESOURCES } from '../../../schemas/resources/registry.ts'

/** An event with an optional command id. */
export type EventInput = DomainEvent & { readonly commandId?: string }

/** The position of the nth event of a log, from 0. */
export const positionAt = (index: number): Position => 10 * (index + 1)

/** The time of the nth event of a log, from 0. */
export const timeAt = (index: number): string => new Date(Date.UTC(2026, 10, 23, 10, 0, index)).toISOString()

const streamOf = (event: DomainEvent): string => {
  if (event.type === 'EndpointReserved') return endpointStream(event.data.namespace, event.data.host, event.data.port)
  const { namespace, name } = event.data as { namespace: string; name: string }
  const resource = Object.values(RESOURCES).find(({ events }) => event.type in events)
  return resource?.stream(namespace, name) ?? routerStream(namespace)
}

/** Recorded events, one per second. */
export const recorded = (events: readonly EventInput[]): HarkEvent[] => {
  const revisions = new Map<string, number>()
  return events.map(({ commandId, ...event }, index) => {
    const stream = streamOf(event as DomainEvent)
    const revision = (revisions.get(stream) ?? -1) + 1
    revisions.set(stream, revision)
    return {
      ...event,
      position: positionAt(index),
      stream,
      revision,
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      time: timeAt(index),
      metadata: {
        schemaVersion: schemaVersion(event.type),
        actor: 'alice',
        correlationId: '6b8a2a0e-64a5-4b5c-a5b4-0d8f6c1b1f11',
        ...(commandId !== undefined && { commandId }),
      },
    } as HarkEvent
  })
}

/** Projects a log, optionally onto existing tables. */
export const fold = <Rows extends object>(
  projection: Projection<Rows>,
  log: readonly HarkEvent[],
  tables: Tables<Rows> = emptyTables(projection),
): Tables<Rows> => {
  for (const event of log) applyChanges(projection, tables, projection.project(tables, event))
  return tables
}

/** Projects events. */
export const tablesAfter = <Rows extends object>(
  projection: Projection<Rows>,
  ...events: readonly EventInput[]
): Tables<Rows> => fold(projection, recorded(events))
