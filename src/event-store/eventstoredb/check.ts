import { first } from '../../lib/first.ts'
import { StoreCorrupted } from '../event-store.ts'
import type { CallContext } from './call-context.ts'
import { streamOfMetadata } from './hark-streams.ts'
import { readStreamMetadata } from './read-all.ts'
import { readStream } from './read-stream.ts'
import { truncationBy } from './stream-metadata.ts'

/** Until a scavenge, `readAll` still returns hidden events. */
export async function* checkStreams(context: CallContext): AsyncGenerator<StoreCorrupted, void> {
  const limited = new Set<string>()
  for await (const { stream, data } of readStreamMetadata(context)) {
    const name = streamOfMetadata(stream)
    if (truncationBy(data) === undefined) limited.delete(name)
    else limited.add(name)
  }
  for (const stream of limited) {
    const fault = await faultOf(context, stream)
    if (fault !== undefined) yield fault
  }
}

/** Metadata that hides events hides the first. */
const faultOf = async (context: CallContext, stream: string): Promise<StoreCorrupted | undefined> => {
  try {
    await first(readStream(context, stream, { limit: 1 }))
  } catch (error) {
    if (error instanceof StoreCorrupted) return error
    throw error
  }
  return undefined
}
