import { IMPORTS_STREAM, LOG_PREFIXES } from '../../../schemas/events/streams.ts'
import { streamFilter } from '../stream-filter.ts'

const PREFIXES = [...LOG_PREFIXES, IMPORTS_STREAM] as const

/** What others keep on the same server may be anything, and is theirs to remove. */
export const isHarkStream = streamFilter(PREFIXES)

/** Of a stream, by the server's convention. */
export const metadataStream = (stream: string): string => `$$${stream}`

export const streamOfMetadata = (stream: string): string => stream.slice(metadataStream('').length)

export const HARK_METADATA_PREFIXES = PREFIXES.map(metadataStream)
