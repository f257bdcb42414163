import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql'
import { refuseExcess, refuseUnreadable } from './query-limits.ts'

const CAPACITY = 1000
/** Documents that clients send over and over are short; what is longer would only push many of them out. */
const LONGEST_KEPT = 16_384

/**
 * Reads documents, and keeps the latest that were good: most of what a server is sent it has been sent before. What is
 * refused is not kept, so that nobody fills the memory with it.
 */
export class Documents {
  readonly #schema: GraphQLSchema
  readonly #kept = new Map<string, DocumentNode>()

  constructor(schema: GraphQLSchema) {
    this.#schema = schema
  }

  /** The document, or what is wrong with it. */
  read(text: string): DocumentNode | readonly GraphQLError[] {
    const kept = this.#kept.get(text)
    if (kept !== undefined) return kept
    const document = parsed(text)
    if (document instanceof GraphQLError) return [document]
    const errors = validate(this.#schema, document)
    if (errors.length > 0) return errors
    if (text.length <= LONGEST_KEPT) this.#keep(text, document)
    return document
  }

  #keep(text: string, document: DocumentNode): void {
    if (this.#kept.size >= CAPACITY) this.#kept.delete(this.#kept.keys().next().value as string)
    this.#kept.set(text, document)
  }
}

const parsed = (text: string): DocumentNode | GraphQLError => {
  try {
    refuseUnreadable(text)
    const document = parse(text)
    refuseExcess(document)
    return document
  } catch (error) {
    if (error instanceof GraphQLError) return error
    throw error
  }
}
