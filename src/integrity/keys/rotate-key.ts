import { CHECKPOINTS_STREAM } from '../../../schemas/events/streams.ts'
import { type EventStore, NO_STREAM } from '../../event-store/event-store.ts'
import { type KeyData, keyIntroduced } from '../checkpoints/events.ts'
import { chainedStore } from '../hash-chain/hash-chained-store.ts'
import type { KeyFiles } from './key-files.ts'

/** A key could not be put in the place of another, for the reason that the message gives. */
export class NotRotated extends Error {
  override readonly name = 'NotRotated'
}

/**
 * Has a new key sign the log from here on. A crash in between leaves the old one, or the new one waiting in its file: the
 * next start takes it.
 *
 * @param isLost the key that signs now cannot be had any more: nobody vouches for the new one then
 * @returns the ids of both
 * @throws NotRotated where no key signs the log, or the one that does is not here
 */
export const rotateKey = async (
  store: EventStore,
  keys: KeyFiles,
  isLost: boolean,
): Promise<{ readonly from: string; readonly to: string }> => {
  let revision = NO_STREAM
  let from: string | undefined
  for await (const event of store.readStream(CHECKPOINTS_STREAM)) {
    revision = event.revision
    if (event.type === 'SigningKeyIntroduced') from = (event.data as KeyData).newKeyId
  }
  if (from === undefined) throw new NotRotated('no key signs this log yet: the engine makes one when it first starts')
  const current = keys.read(from)
  if (!isLost && current?.public.id !== from)
    throw new NotRotated(
      `key ${from}, which signs this log, is not here: put it back, or say that it is lost with --lost`,
    )
  const next = keys.createNext()
  const by = isLost || current === undefined ? next : current
  await chainedStore(store).append(CHECKPOINTS_STREAM, revision, [keyIntroduced(next.public, by, new Date())])
  keys.read(next.public.id)
  return { from, to: next.public.id }
}
