import { randomUUID } from 'node:crypto'
import type { EventData } from '../../../schemas/events/events.ts'
import { IMPORTS_STREAM } from '../../../schemas/events/streams.ts'
import { schemaVersion } from '../../../schemas/events/upcast.ts'
import { type EventStore, NO_STREAM } from '../../event-store/event-store.ts'
import { lastEventOf } from '../../event-store/last-event.ts'
import { chainedStore } from './hash-chained-store.ts'

export const recordImport = async (store: EventStore, data: EventData<'LogImported'>, actor: string): Promise<void> => {
  const revision = (await lastEventOf(store, IMPORTS_STREAM))?.revision ?? NO_STREAM
  const metadata = {
    actor,
    correlationId: randomUUID(),
    schemaVersion: schemaVersion('LogImported'),
    via: 'import',
  } as const
  await chainedStore(store).append(IMPORTS_STREAM, revision, [
    { id: randomUUID(), type: 'LogImported', data, metadata },
  ])
}
