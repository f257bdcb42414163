import { type EventToAppend, InvalidAppend } from './event-store.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Refuses what no store takes. */
export const checkAppend = (stream: string, events: readonly EventToAppend[]): void => {
  if (stream === '' || stream.startsWith('$'))
    throw new InvalidAppend(`${JSON.stringify(stream)} is not the name of a stream to append to`)
  for (const { id } of events)
    if (!UUID.test(id)) throw new InvalidAppend(`${JSON.stringify(id)} is not the id of an event: a UUID is`)
}
