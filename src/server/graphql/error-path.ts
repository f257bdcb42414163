import { type ASTNode, type GraphQLError, Kind, parse, visit } from 'graphql'
import { formatPath } from '../../../schemas/validation.ts'

/** Every mutation has one argument, of this name; paths begin below it. */
const INPUT = /^input(?:\.|$)/
/** Where in a variable's value the fault is, as GraphQL says it before it says what the fault is. */
const PLACE = / at "\w+([^"]*)"$/
/** A field or argument that is missing or too much is named in the message alone. */
const NAMED = /^Field "(?:\w+\.)?(\w+)" (?:of required type|is not defined)|^Field "\w+" argument "(\w+)"/

/** The arguments, input fields and list items on the way to the first node that is wanted. */
const pathTo = (source: string, isWanted: (node: ASTNode) => boolean): string => {
  const path: (string | number)[] = []
  let found = ''
  const stepOf = (node: ASTNode, key: string | number | undefined, parent: unknown): string | number | undefined => {
    if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD) return node.name.value
    return isItem(node, parent) ? Number(key) : undefined
  }
  visit(parse(source), {
    enter: (node, key, parent) => {
      const step = stepOf(node, key, parent)
      if (step !== undefined) path.push(step)
      if (found === '' && isWanted(node)) found = formatPath(path)
    },
    leave: (node, key, parent) => {
      if (stepOf(node, key, parent) !== undefined) path.pop()
    },
  })
  return found
}

/** Among nodes that stand in lists, values stand in nothing but a list value. */
const isItem = (node: ASTNode, parent: unknown): boolean =>
  Array.isArray(parent) && (node.kind.endsWith('Value') || node.kind === Kind.VARIABLE)

/** Where in the operation an error of GraphQL's own lies; empty where it is about no input. */
const placeOf = (error: GraphQLError): string => {
  const [node] = error.nodes ?? []
  if (node?.loc === undefined) return ''
  const { start, source } = node.loc
  if (node.kind !== Kind.VARIABLE_DEFINITION)
    return pathTo(source.body, ({ kind, loc }) => kind === node.kind && loc?.start === start)
  const { value } = node.variable.name
  return pathTo(
    source.body,
    used => used.kind === Kind.VARIABLE && used.name.value === value && used.loc?.start !== start,
  )
}

/** The path of the input that an error of GraphQL's own is about, as `fields` of BAD_USER_INPUT names it. */
export const inputPath = (error: GraphQLError): string => {
  const fault = error.originalError?.message ?? error.message
  const within = PLACE.exec(error.message.slice(0, -`; ${fault}`.length))?.[1] ?? ''
  const place = `${placeOf(error)}${within}`
  const match = NAMED.exec(fault)
  const named = match?.[1] ?? match?.[2]
  const path = named === undefined || place.split('.').at(-1) === named ? place : `${place}.${named}`
  return path.replace(/^\./, '').replace(INPUT, '')
}
