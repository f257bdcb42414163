import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql'
import type { EnforcedLimits } from '../enforced-limits.ts'
import { assertQueryCost, assertTokenLimit } from './query-limits.ts'

/** Characters of all documents that are kept: what is made of one takes some hundred times the memory. */
const CAPACITY = 262_144
/** Documents that clients send over and over are short; what is longer would only push many of them out. */
const LONGEST_KEPT = 8192

/**
 * Reads documents, and keeps the latest that were good: most of what a server is sent it has been sent before. What is
 * refused is not kept, so that nobody fills the memory with it.
 */
export class DocumentCache {
  readonly #schema: GraphQLSchema
  readonly #limits: EnforcedLimits
  readonly #kept = new Map<string, DocumentNode>()
  #characters = 0

  constructor(schema: GraphQLSchema, limits: EnforcedLimits) {
    this.#schema = schema
    this.#limits = limits
  }

  /** The document, or what is wrong with it. */
  read(text: string): DocumentNode | readonly GraphQLError[] {
    const kept = this.#kept.get(text)
    if (kept !== undefined) return kept
    const document = parsed(text, this.#limits)
    if (document instanceof GraphQLError) return [document]
    const errors = validate(this.#schema, document)
    if (errors.length > 0) return errors
    if (text.length <= LONGEST_KEPT) this.#keep(text, document)
    return document
  }

  #keep(text: string, document: DocumentNode): void {
    this.#kept.set(text, document)
    this.#characters += text.length
    for (const oldest of this.#kept.keys()) {
      if (this.#characters <= CAPACITY) return
      this.#kept.delete(oldest)
      this.#characters -= oldest.length
    }
  }
}

const parsed = (text: string, limits: EnforcedLimits): DocumentNode | GraphQLError => {
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
