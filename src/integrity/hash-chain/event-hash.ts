import { hash } from 'node:crypto'
import { canonicalJson } from '../../../schemas/canonical-json.ts'
import type { EventMetadata } from '../../../schemas/events/recorded-event.ts'

/** The hashed part of an event. The store assigns position and time, so they are not known before it is appended. */
export interface HashedEvent {
  readonly stream: string
  readonly revision: number
  readonly id: string
  readonly type: string
  readonly data: unknown
  readonly metadata: EventMetadata
}

/** SHA-256 as 64 hexadecimal digits. */
export type Hash = string

export const sha256 = (text: string | Uint8Array): Hash => hash('sha256', text, 'hex')

/**
 * Returns the canonical JSON of an event from its parts.
 *
 * @param data as canonical JSON
 * @param metadata as canonical JSON
 */
export const hashedText = (
  { stream, revision, id, type }: Pick<HashedEvent, 'stream' | 'revision' | 'id' | 'type'>,
  data: string,
  metadata: string,
): string =>
  `{"data":${data},"id":${JSON.stringify(id)},"metadata":${metadata},"revision":${revision},"stream":${JSON.stringify(stream)},"type":${JSON.stringify(type)}}`

/** The canonical JSON (RFC 8785) of an event. */
export const canonicalEvent = (event: HashedEvent): string =>
  hashedText(event, canonicalJson(event.data), canonicalJson(event.metadata))

export const eventHash = (event: HashedEvent): Hash => sha256(canonicalEvent(event))
