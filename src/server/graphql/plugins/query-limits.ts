import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  Lexer,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  Source,
  TokenKind,
} from 'graphql'
import { type EnforcedLimits, overLimit } from '../../limits.ts'
import type { OperationPlugin } from '../context.ts'

/** Large values belong in variables. */
const MAX_TOKENS = 4000
const MAX_NESTING = 100

const OPENING: readonly string[] = [TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]
const CLOSING: readonly string[] = [TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]

/** Before validation, whose time is quadratic. */
export const useQueryLimits = (limits: EnforcedLimits): OperationPlugin => ({
  onParse: ({ setParseFn }) =>
    setParseFn((source, options) => {
      assertTokenLimit(source)
      const document = parse(source, options)
      assertQueryCost(document, limits)
      return document
    }),
})

/** Runs before the parser, whose recursion could overflow the stack. */
const assertTokenLimit = (source: string | Source): void => {
  const lexer = new Lexer(typeof source === 'string' ? new Source(source) : source)
  let nesting = 0
  for (let count = 1; lexer.advance().kind !== TokenKind.EOF; count++) {
    if (count > MAX_TOKENS) throw new GraphQLError(`The document has more than ${MAX_TOKENS} tokens`)
    if (OPENING.includes(lexer.token.kind)) nesting += 1
    else if (CLOSING.includes(lexer.token.kind)) nesting -= 1
    if (nesting > MAX_NESTING) throw new GraphQLError(`The document is nested more than ${MAX_NESTING} levels deep`)
  }
}

interface Cost {
  readonly fields: number
  readonly depth: number
  readonly aliases: number
}

const FREE: Cost = { fields: 0, depth: 0, aliases: 0 }

class CostVisitor {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly #costs = new Map<string, Cost>()

  constructor(document: DocumentNode) {
    const fragments = document.definitions.filter(definition => definition.kind === Kind.FRAGMENT_DEFINITION)
    this.#fragments = new Map(fragments.map(fragment => [fragment.name.value, fragment]))
  }

  visit({ selections }: SelectionSetNode): Cost {
    let { fields, depth, aliases } = FREE
    for (const selection of selections) {
      let part: Cost
      if (selection.kind === Kind.FRAGMENT_SPREAD) part = this.#visitFragment(selection.name.value)
      else {
        part = selection.selectionSet === undefined ? FREE : this.visit(selection.selectionSet)
        if (selection.kind === Kind.FIELD) {
          const alias = selection.alias === undefined ? 0 : 1
          part = { fields: part.fields + 1, depth: part.depth + 1, aliases: part.aliases + alias }
        }
      }
      fields += part.fields
      aliases += part.aliases
      depth = Math.max(depth, part.depth)
    }
    return { fields, depth, aliases }
  }

  /** Validation rejects a recursive spread. */
  #visitFragment(name: string): Cost {
    const known = this.#costs.get(name)
    if (known !== undefined) return known
    const fragment = this.#fragments.get(name)
    if (fragment === undefined) return FREE
    this.#costs.set(name, FREE)
    const cost = this.visit(fragment.selectionSet)
    this.#costs.set(name, cost)
    return cost
  }
}

interface Measure {
  readonly of: keyof Cost
  readonly limit: 'queryDepth' | 'queryAliases' | 'queryFields'
  readonly message: (limit: number) => string
}

const MEASURES: readonly Measure[] = [
  { of: 'depth', limit: 'queryDepth', message: limit => `is nested more than ${limit} levels deep` },
  { of: 'aliases', limit: 'queryAliases', message: limit => `has more than ${limit} aliases: send several requests` },
  { of: 'fields', limit: 'queryFields', message: limit => `selects more than ${limit} fields: send several requests` },
]

const assertCost = (
  definition: OperationDefinitionNode | FragmentDefinitionNode,
  cost: Cost,
  limits: EnforcedLimits,
): void => {
  for (const { of, limit, message } of MEASURES) {
    const max = limits[limit]
    if (cost[of] <= max) continue
    limits.hit(limit)
    const subject = definition.kind === Kind.FRAGMENT_DEFINITION ? 'The fragment' : `The ${definition.operation}`
    throw overLimit(limit, `${subject} ${message(max)}`)
  }
}

/** Validation time is quadratic in the size of a fragment, used or not. */
const assertQueryCost = (document: DocumentNode, limits: EnforcedLimits): void => {
  const visitor = new CostVisitor(document)
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION || definition.kind === Kind.FRAGMENT_DEFINITION)
      assertCost(definition, visitor.visit(definition.selectionSet), limits)
  }
}
