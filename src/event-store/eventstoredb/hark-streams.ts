import { IMPORTS_STREAM, LOG_PREFIXES } from '../../../schemas/events/streams.ts'
import { streamFilter } from '../stream-filter.ts'

const PREFIXES = [...LOG_PREFIXES, IMPORTS_STREAM] as const

/** Other applications on the server may remove their own events. */
export const isHarkStream = streamFilter(PREFIXES)

export const metadataStream = (stream: string): string => `$$${stream}`

export const streamOfMetadata = (stream: string): string => stream.slice(metadataStream('').length)

export const HARK_METADATA_PREFIXES = PREFIXES.map(metadataStream)
