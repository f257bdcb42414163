import { hash } from 'node:crypto'
import { canonicalJson } from '../../../schemas/canonical-json.ts'
import type { EventMetadata } from '../../../schemas/events/recorded-event.ts'

/** Excludes position and time, which the store assigns at the append. */
interface HashedEvent {
  readonly stream: string
  readonly revision: number
  readonly id: string
  readonly type: string
  readonly data: unknown
  readonly metadata: EventMetadata
}

/** 64 hexadecimal digits of SHA-256. */
export type Hash = string

export const sha256 = (text: string | Uint8Array): Hash => hash('sha256', text, 'hex')

export const hashedText = (
  { stream, revision, id, type }: Pick<HashedEvent, 'stream' | 'revision' | 'id' | 'type'>,
  data: string,
  metadata: string,
): string =>
  `{"data":${data},"id":${JSON.stringify(id)},"metadata":${metadata},"revision":${revision},"stream":${JSON.stringify(stream)},"type":${JSON.stringify(type)}}`

export const canonicalEvent = (event: HashedEvent): string =>
  hashedText(event, canonicalJson(event.data), canonicalJson(event.metadata))

export const eventHash = (event: HashedEvent): Hash => sha256(canonicalEvent(event))
