import type { DocumentNode } from 'graphql'
import { LRUCache } from 'lru-cache'

/** Characters of cached documents; a parsed one takes about 100 times the memory of its text. */
const CAPACITY = 262_144
/** Longer documents rarely repeat and would evict many others. */
const MAX_CACHED_LENGTH = 8192

/** Options of Yoga's parser and validation cache; errors could fill the memory. */
export const documentCache = () => ({
  documentCache: new LRUCache<string, DocumentNode>({
    maxSize: CAPACITY,
    maxEntrySize: MAX_CACHED_LENGTH,
    sizeCalculation: (_, text) => text.length + 1,
  }),
  errorCache: { get: () => undefined, set: () => undefined },
})
