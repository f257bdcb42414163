import { namespaceArguments } from './viewer.ts'

export const PAGE = 1000

interface Connection<Received> {
  readonly totalCount: number
  readonly edges: readonly { readonly node: Received }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null }
}

interface Page<Node> {
  readonly nodes: readonly Node[]
  readonly total: number
  /** Where the next page begins; undefined after the last one. */
  readonly next: string | undefined
}

/** Of a list: null for its first page, undefined if it is whole. */
type Cursor = string | null | undefined

interface PageRequest {
  readonly namespace?: string
  readonly first: number
  /** For each list. */
  readonly after: readonly Cursor[]
}

/** For lists that are not whole, in one request. */
type LoadLists<Node> = (page: PageRequest, stop: AbortSignal) => Promise<readonly (Page<Node> | undefined)[]>

/** @returns undefined for a list that the operation left out */
export const pageOf = <Received, Node>(
  connection: Connection<Received> | undefined,
  nodeOf: (node: Received) => Node,
): Page<Node> | undefined =>
  connection && {
    nodes: connection.edges.map(({ node }) => nodeOf(node)),
    total: connection.totalCount,
    next: connection.pageInfo.hasNextPage ? (connection.pageInfo.endCursor ?? undefined) : undefined,
  }

export interface Lists<Node> {
  readonly load: LoadLists<Node>
  /** Nodes of the lists follow each other. */
  readonly count: number
}

export interface Loaded<Node> {
  readonly nodes: readonly Node[]
  readonly total: number
}

interface Scope {
  /** Undefined for all that the viewer may read. */
  readonly namespace?: string | undefined
  /** Nodes of the first page. */
  readonly first?: number
}

class PartialList<Node> {
  readonly nodes: Node[] = []
  total = 0
  after: Cursor = null

  add(page: Page<Node> | undefined): void {
    if (page === undefined) return
    this.nodes.push(...page.nodes)
    this.total = page.total
    this.after = page.next
  }
}

/** Yields when another page of each list that is not whole has arrived. */
export const loadPages = async function* <Node>(
  { load, count }: Lists<Node>,
  { namespace, first = PAGE }: Scope,
  stop: AbortSignal,
): AsyncGenerator<Loaded<Node>> {
  const scopes = namespace === undefined ? namespaceArguments.peek() : [{ namespace }]
  const parts = scopes.map(scope => ({ scope, lists: Array.from({ length: count }, () => new PartialList<Node>()) }))
  const all = Array.from({ length: count }, (_, place) => parts.map(({ lists }) => lists[place] as PartialList<Node>))
  let missing = parts
  for (let size = Math.min(first, PAGE); missing.length > 0; size = PAGE) {
    await Promise.all(
      missing.map(async ({ scope, lists }) => {
        const pages = await load({ ...scope, first: size, after: lists.map(({ after }) => after) }, stop)
        for (const [place, list] of lists.entries()) list.add(pages[place])
      }),
    )
    missing = missing.filter(({ lists }) => lists.some(({ after }) => after !== undefined))
    yield {
      nodes: all.flat().flatMap(({ nodes }) => nodes),
      total: all.flat().reduce((sum, { total }) => sum + total, 0),
    }
  }
}

export const allNodes = async <Node>(lists: Lists<Node>, stop: AbortSignal): Promise<readonly Node[]> => {
  let all: readonly Node[] = []
  for await (const { nodes } of loadPages(lists, {}, stop)) all = nodes
  return all
}
