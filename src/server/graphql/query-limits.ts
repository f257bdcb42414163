import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  Lexer,
  type OperationDefinitionNode,
  type SelectionSetNode,
  Source,
  TokenKind,
} from 'graphql'
import type { EnforcedLimits } from '../enforced-limits.ts'
import { overLimit } from '../over-limit.ts'

/** For the whole document. Large values belong into variables. */
const MAX_TOKENS = 4000
/** Of braces, brackets and parentheses within each other. */
const MAX_NESTING = 100

const OPENING: readonly string[] = [TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]
const CLOSING: readonly string[] = [TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]

/**
 * Refuses a text that the parser had better not see: it descends into what is nested, and does not come back from
 * everything.
 */
export const assertTokenLimit = (text: string): void => {
  const lexer = new Lexer(new Source(text))
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

const NOTHING: Cost = { fields: 0, depth: 0, aliases: 0 }

/** Weighs each fragment once, however often it is spread: what is cheap to write must be cheap to refuse. */
class CostVisitor {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly #weighed = new Map<string, Cost>()

  constructor(document: DocumentNode) {
    const fragments = document.definitions.filter(definition => definition.kind === Kind.FRAGMENT_DEFINITION)
    this.#fragments = new Map(fragments.map(fragment => [fragment.name.value, fragment]))
  }

  weigh({ selections }: SelectionSetNode): Cost {
    let { fields, depth, aliases } = NOTHING
    for (const selection of selections) {
      let part: Cost
      if (selection.kind === Kind.FRAGMENT_SPREAD) part = this.#weighFragment(selection.name.value)
      else {
        part = selection.selectionSet === undefined ? NOTHING : this.weigh(selection.selectionSet)
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

  /** A fragment that spreads itself weighs nothing where it does: validation refuses it. */
  #weighFragment(name: string): Cost {
    const known = this.#weighed.get(name)
    if (known !== undefined) return known
    const fragment = this.#fragments.get(name)
    if (fragment === undefined) return NOTHING
    this.#weighed.set(name, NOTHING)
    const weight = this.weigh(fragment.selectionSet)
    this.#weighed.set(name, weight)
    return weight
  }
}

interface Measure {
  readonly of: keyof Cost
  readonly limit: 'queryDepth' | 'queryAliases' | 'queryFields'
  readonly words: (limit: number) => string
}

const MEASURES: readonly Measure[] = [
  { of: 'depth', limit: 'queryDepth', words: limit => `is nested more than ${limit} levels deep` },
  { of: 'aliases', limit: 'queryAliases', words: limit => `has more than ${limit} aliases: send several requests` },
  { of: 'fields', limit: 'queryFields', words: limit => `asks for more than ${limit} fields: ask for less at a time` },
]

const refuse = (
  definition: OperationDefinitionNode | FragmentDefinitionNode,
  weight: Cost,
  limits: EnforcedLimits,
): void => {
  for (const { of, limit, words } of MEASURES) {
    const most = limits[limit]
    if (weight[of] <= most) continue
    limits.hit(limit)
    const what = definition.kind === Kind.FRAGMENT_DEFINITION ? 'The fragment' : `The ${definition.operation}`
    throw overLimit(limit, `${what} ${words(most)}`)
  }
}

/**
 * Refuses a document whose validation or execution would cost too much. Fragments are weighed on their own as well: the
 * time that validation takes grows with the square of what is in one, used or not.
 */
export const assertQueryCost = (document: DocumentNode, limits: EnforcedLimits): void => {
  const scales = new CostVisitor(document)
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION || definition.kind === Kind.FRAGMENT_DEFINITION)
      refuse(definition, scales.weigh(definition.selectionSet), limits)
  }
}
