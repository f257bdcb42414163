import type { Operation } from './operation.ts'
import { request } from './request.ts'
import { namespaceArguments } from './viewer.ts'

export const PAGE = 1000

export interface Page<Node> {
  readonly totalCount: number
  readonly edges: readonly { readonly node: Node }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

interface PageVariables {
  readonly namespace?: string | null | undefined
  readonly first: number
  readonly after?: string | null | undefined
}

interface NodePage<Node> extends Omit<Page<unknown>, 'edges'> {
  readonly nodes: readonly Node[]
}

export type PageLoader<Node> = (page: PageVariables, stop: AbortSignal) => Promise<NodePage<Node>>

export const pageLoader =
  <Data, Received, Node, Variables extends PageVariables>(
    operation: Operation<Data, Variables>,
    variables: Omit<Variables, keyof PageVariables>,
    pageOf: (data: Data) => Page<Received>,
    nodeOf: (node: Received) => Node,
  ): PageLoader<Node> =>
  async (page, stop) => {
    const data = await request(operation, { ...variables, ...page } as unknown as Variables, stop)
    const { edges, ...others } = pageOf(data)
    return { ...others, nodes: edges.map(({ node }) => nodeOf(node)) }
  }

export interface Pages<Node> {
  /** One for each kind; their nodes follow each other. */
  readonly loaders: readonly PageLoader<Node>[]
  readonly namespace?: string | undefined
  readonly first?: number
}

export interface Loaded<Node> {
  readonly nodes: readonly Node[]
  readonly total: number
}

export const loadPages = async function* <Node>(
  { loaders, namespace, first = PAGE }: Pages<Node>,
  stop: AbortSignal,
): AsyncGenerator<Loaded<Node>> {
  const scopes = namespace === undefined ? namespaceArguments.peek() : [{ namespace }]
  const parts = loaders.flatMap(load =>
    scopes.map(scope => ({ load, scope, nodes: [] as Node[], total: 0, after: null as string | null })),
  )
  let missing = parts
  for (let size = Math.min(first, PAGE); missing.length > 0; size = PAGE) {
    await Promise.all(
      missing.map(async part => {
        const page = { ...part.scope, first: size, after: part.after }
        const { totalCount, nodes, pageInfo } = await part.load(page, stop)
        part.total = totalCount
        part.nodes.push(...nodes)
        part.after = pageInfo.hasNextPage ? pageInfo.endCursor : null
      }),
    )
    missing = missing.filter(({ after }) => after !== null)
    yield { nodes: parts.flatMap(({ nodes }) => nodes), total: parts.reduce((sum, { total }) => sum + total, 0) }
  }
}

export const allNodes = async <Node>(pages: Pages<Node>, stop: AbortSignal): Promise<readonly Node[]> => {
  let all: readonly Node[] = []
  for await (const { nodes } of loadPages(pages, stop)) all = nodes
  return all
}
