import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { EnforcedLimits } from '../limits.ts'
import { assertQueryCost, assertTokenLimit } from './query-limits.ts'

/** Characters of cached documents; a parsed one takes about 100 times the memory of its text. */
const CAPACITY = 262_144
/** Longer documents rarely repeat and would evict many others. */
const MAX_CACHED_LENGTH = 8192

/** Caches only valid documents: invalid ones could fill the cache. */
export class ParserAndValidationCache {
  readonly #schema: GraphQLSchema
  readonly #limits: EnforcedLimits
  readonly #documents = new LRUCache<string, DocumentNode>({
    maxSize: CAPACITY,
    maxEntrySize: MAX_CACHED_LENGTH,
    sizeCalculation: (_, text) => text.length + 1,
  })

  constructor(schema: GraphQLSchema, limits: EnforcedLimits) {
    this.#schema = schema
    this.#limits = limits
  }

  get(text: string): DocumentNode | readonly GraphQLError[] {
    const cached = this.#documents.get(text)
    if (cached !== undefined) return cached
    const document = parseWithinLimits(text, this.#limits)
    if (document instanceof GraphQLError) return [document]
    const errors = validate(this.#schema, document)
    if (errors.length > 0) return errors
    this.#documents.set(text, document)
    return document
  }
}

/** @throws HarkError if the document exceeds a limit */
const parseWithinLimits = (text: string, limits: EnforcedLimits): DocumentNode | GraphQLError => {
  try {
    assertTokenLimit(text)
    const document = parse(text)
    assertQueryCost(document, limits)
    return document
  } catch (error) {
    if (error instanceof GraphQLError) return error
    throw error
  }
}
