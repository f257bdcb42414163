import { type Document, isNode, LineCounter, parseAllDocuments } from 'yaml'
import type { Source } from './sources.ts'

export interface SourceDocument {
  readonly value: unknown
  /** Example for `spec.port`: `west/all.yml:12 (document 2)`. */
  where(path: string): string
}

type ReadDocument = { readonly document: SourceDocument } | { readonly fault: string }

type Keys = readonly (string | number)[]

const keysOf = (path: string): Keys =>
  [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([key, index]) => (index === undefined ? key : Number(index)))

const offsetOf = (document: Document, keys: Keys): number => {
  const node = keys.length === 0 ? document.contents : document.getIn(keys, true)
  if (isNode(node) && node.range) return node.range[0]
  return keys.length === 0 ? (document.range?.[0] ?? 0) : offsetOf(document, keys.slice(0, -1))
}

const isList = (value: unknown): value is { readonly items: readonly unknown[] } => {
  if (typeof value !== 'object' || value === null) return false
  const { apiVersion, kind, items } = value as { apiVersion?: unknown; kind?: unknown; items?: unknown }
  return apiVersion === 'v1' && kind === 'List' && Array.isArray(items)
}

/** Expands Kubernetes Lists and skips empty documents. */
export const readDocuments = ({ name, text }: Source): ReadDocument[] => {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, merge: true })
  const all: readonly Document[] = 'empty' in parsed ? [] : parsed
  const place = (index: number, offset: number): string =>
    `${name}:${lines.linePos(offset).line}${all.length > 1 ? ` (document ${index + 1})` : ''}`

  return all.flatMap((document, index): ReadDocument[] => {
    const [error] = document.errors
    if (error !== undefined) return [{ fault: `${place(index, error.pos[0])}: ${error.message}` }]
    const whereIn = (base: Keys) => (path: string) => place(index, offsetOf(document, [...base, ...keysOf(path)]))
    try {
      const value: unknown = document.toJS()
      if (value === null) return []
      if (!isList(value)) return [{ document: { value, where: whereIn([]) } }]
      return value.items.map((item, position) => ({ document: { value: item, where: whereIn(['items', position]) } }))
    } catch (error) {
      return [{ fault: `${place(index, offsetOf(document, []))}: ${(error as Error).message}` }]
    }
  })
}
