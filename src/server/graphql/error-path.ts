import { type ASTNode, type GraphQLError, Kind, parse, visit } from 'graphql'
import { formatPath } from '../../../schemas/validation.ts'

/** The one argument of every mutation; paths start below it. */
const INPUT = /^input(?:\.|$)/
/** graphql-js puts the path within a variable before the message. */
const PATH_IN_VARIABLE = / at "\w+([^"]*)"$/
/** graphql-js names a missing or unknown field only in the message. */
const NAMED_IN_MESSAGE = /^Field "(?:\w+\.)?(\w+)" (?:of required type|is not defined)|^Field "\w+" argument "(\w+)"/

const pathTo = (source: string, matches: (node: ASTNode) => boolean): string => {
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
      if (found === '' && matches(node)) found = formatPath(path)
    },
    leave: (node, key, parent) => {
      if (stepOf(node, key, parent) !== undefined) path.pop()
    },
  })
  return found
}

const isItem = (node: ASTNode, parent: unknown): boolean =>
  Array.isArray(parent) && (node.kind.endsWith('Value') || node.kind === Kind.VARIABLE)

const nodePath = (error: GraphQLError): string => {
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

/** Empty if the error is not about an input. */
export const inputPath = (error: GraphQLError): string => {
  const message = error.originalError?.message ?? error.message
  const within = PATH_IN_VARIABLE.exec(error.message.slice(0, -`; ${message}`.length))?.[1] ?? ''
  const base = `${nodePath(error)}${within}`
  const match = NAMED_IN_MESSAGE.exec(message)
  const named = match?.[1] ?? match?.[2]
  const path = named === undefined || base.split('.').at(-1) === named ? base : `${base}.${named}`
  return path.replace(/^\./, '').replace(INPUT, '')
}
