import type { Operation } from './operation.ts'
import { request } from './request.ts'
import { namespaceArguments } from './viewer.ts'

export const PAGE = 1000

export interface Page<Node> {
  readonly totalCount: number
  readonly edges: readonly { readonly node: Node }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

export interface PageVariables {
  readonly namespace?: string | null | undefined
  readonly first: number
  readonly after?: string | null | undefined
}

export interface Pages<Data, Node, Variables extends PageVariables> {
  readonly operation: Operation<Data, Variables>
  readonly variables: Omit<Variables, keyof PageVariables>
  readonly pageOf: (data: Data) => Page<Node>
  readonly namespace?: string | undefined
  readonly first?: number
}

export interface Loaded<Node> {
  readonly nodes: readonly Node[]
  readonly total: number
}

export const loadPages = async function* <Data, Node, Variables extends PageVariables>(
  { operation, variables, pageOf, namespace, first = PAGE }: Pages<Data, Node, Variables>,
  stop: AbortSignal,
): AsyncGenerator<Loaded<Node>> {
  const scopes = namespace === undefined ? namespaceArguments.peek() : [{ namespace }]
  const parts = scopes.map(scope => ({ scope, nodes: [] as Node[], total: 0, after: null as string | null }))
  let missing = parts
  for (let size = Math.min(first, PAGE); missing.length > 0; size = PAGE) {
    await Promise.all(
      missing.map(async part => {
        const page = { ...variables, ...part.scope, first: size, after: part.after } as unknown as Variables
        const { totalCount, edges, pageInfo } = pageOf(await request(operation, page, stop))
        part.total = totalCount
        part.nodes.push(...edges.map(({ node }) => node))
        part.after = pageInfo.hasNextPage ? pageInfo.endCursor : null
      }),
    )
    missing = missing.filter(({ after }) => after !== null)
    yield { nodes: parts.flatMap(({ nodes }) => nodes), total: parts.reduce((sum, { total }) => sum + total, 0) }
  }
}

export const allNodes = async <Data, Node, Variables extends PageVariables>(
  pages: Pages<Data, Node, Variables>,
  stop: AbortSignal,
): Promise<readonly Node[]> => {
  let all: readonly Node[] = []
  for await (const { nodes } of loadPages(pages, stop)) all = nodes
  return all
}
