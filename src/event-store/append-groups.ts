import type { EventStore, StreamAppend } from './event-store.ts'

const APPENDS_AT_ONCE = 256

export const appendOneByOne = async (
  store: Pick<EventStore, 'append'>,
  appends: AsyncIterable<StreamAppend>,
): Promise<void> => {
  for await (const { stream, expectedRevision, events } of appends) await store.append(stream, expectedRevision, events)
}

export const appendInGroups = async (
  store: Pick<EventStore, 'append'>,
  appends: AsyncIterable<StreamAppend>,
): Promise<void> => {
  let group = new Map<string, StreamAppend>()
  const write = async (): Promise<void> => {
    const written = [...group.values()]
    group = new Map()
    await Promise.all(
      written.map(({ stream, expectedRevision, events }) => store.append(stream, expectedRevision, events)),
    )
  }
  try {
    for await (const append of appends) {
      if (group.has(append.stream) || group.size === APPENDS_AT_ONCE) await write()
      group.set(append.stream, append)
    }
  } finally {
    await write()
  }
}
