import { type DocumentNode, type ParseOptions, parse, type Source } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { OperationContext } from './context.ts'
import { DocumentCache } from './document-cache.ts'
import { MAX_TOKENS, refuseExcess } from './query-limits.ts'
import type { Services } from './resolvers/services.ts'
import { createSchema } from './schema.ts'

const boundedParse = (source: string | Source, options?: ParseOptions): DocumentNode => {
  const document = parse(source, { ...options, maxTokens: MAX_TOKENS })
  refuseExcess(document)
  return document
}

const useQueryLimits = (): Plugin => ({ onParse: ({ setParseFn }) => setParseFn(boundedParse) })

/**
 * What parses, validates and executes operations, for every transport. Only what is good is cached: an error is made anew,
 * and nobody fills the memory with what is refused.
 */
export const createGraphQL = (services: Services) =>
  createYoga<OperationContext>({
    schema: createSchema(services),
    logging: false,
    maskedErrors: false,
    parserAndValidationCache: {
      documentCache: new DocumentCache(),
      errorCache: { get: () => undefined, set: () => undefined },
    },
    plugins: [useQueryLimits()],
  })

export type GraphQL = ReturnType<typeof createGraphQL>
