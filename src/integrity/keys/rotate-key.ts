import { CHECKPOINTS_STREAM } from '../../../schemas/events/streams.ts'
import { type EventStore, NO_STREAM } from '../../event-store/event-store.ts'
import { type KeyData, keyIntroduced } from '../checkpoints/events.ts'
import { chainedStore } from '../hash-chain/hash-chained-store.ts'
import type { KeyFiles } from './key-files.ts'

export class KeyRotationError extends Error {
  override readonly name = 'KeyRotationError'
}

/**
 * After a crash, the old key is current, or the next start finds the new one.
 *
 * @param isLost lets the new key sign its own introduction
 * @throws KeyRotationError if no key signs the log or its file is missing
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
  if (from === undefined)
    throw new KeyRotationError('this log has no signing key yet: the engine creates one when it first starts')
  const current = keys.read(from)
  if (!isLost && current?.public.id !== from)
    throw new KeyRotationError(
      `key ${from}, which signs this log, is missing: restore it, or pass --lost if it is lost`,
    )
  const next = keys.createNext()
  const by = isLost || current === undefined ? next : current
  await chainedStore(store).append(CHECKPOINTS_STREAM, revision, [keyIntroduced(next.public, by, new Date())])
  keys.read(next.public.id)
  return { from, to: next.public.id }
}
