import { BACKWARDS, END, type ResolvedEvent, StreamDeletedError, StreamNotFoundError } from '@eventstore/db-client'
import { StoreCorrupted } from '../event-store.ts'
import { isJsonObject } from '../parse-json.ts'
import type { CallContext } from './call-context.ts'
import { metadataStream } from './hark-streams.ts'
import { chunksOf } from './resumed-read.ts'

/** Limits hide events, and a scavenge removes them. */
const LIMITS = ['$maxCount', '$maxAge', '$tb'] as const

/** `$tb` of a deleted stream exceeds any revision. */
const isDeleted = (truncateBefore: unknown): boolean => Number(truncateBefore) > Number.MAX_SAFE_INTEGER

interface Truncation {
  readonly isDeleted: boolean
  readonly reason: string
}

export const truncationBy = (metadata: unknown): Truncation | undefined => {
  if (!isJsonObject(metadata)) return undefined
  const values = metadata as { readonly [Name in (typeof LIMITS)[number]]?: unknown }
  if (isDeleted(values.$tb)) return { isDeleted: true, reason: 'the stream was deleted' }
  const limits = LIMITS.filter(name => values[name] !== undefined)
  if (limits.length === 0) return undefined
  return { isDeleted: false, reason: `the metadata of the stream has ${limits.join(' and ')}` }
}

export const readTruncation = async (
  context: CallContext,
  stream: string,
  silentForMs: number,
): Promise<Truncation | undefined> => {
  const options = { direction: BACKWARDS, fromRevision: END, maxCount: 1 } as const
  const call = context.client.readStream(metadataStream(stream), options)
  try {
    for await (const [last] of chunksOf<ResolvedEvent>(context, call, silentForMs))
      return truncationBy(last?.event?.data)
  } catch (error) {
    if (!(error instanceof StreamNotFoundError || error instanceof StreamDeletedError)) throw error
  }
  return undefined
}

export const withTruncation = (damage: StoreCorrupted, hiding: Truncation | undefined): StoreCorrupted =>
  hiding === undefined
    ? damage
    : new StoreCorrupted(damage.location, `${damage.fault}: ${hiding.reason}`, {
        ...(damage.resumeAfter !== undefined && { resumeAfter: damage.resumeAfter }),
      })
