import type { Operation } from './operation.ts'
import { request } from './request.ts'
import { namespaceArguments } from './viewer.ts'

export interface Page<Node> {
  readonly edges: readonly { readonly node: Node }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

/** All nodes of all pages, in each namespace where the viewer may not read all of them. */
export const allNodes = async <Data, Node, Variables extends object>(
  operation: Operation<Data, Variables>,
  variables: Variables,
  pageOf: (data: Data) => Page<Node>,
  stop: AbortSignal,
): Promise<readonly Node[]> => {
  const nodesIn = async (namespace: object): Promise<Node[]> => {
    const nodes: Node[] = []
    for (let after: string | null = null; ; ) {
      const data = await request(operation, { ...variables, ...namespace, after } as Variables, stop)
      const { edges, pageInfo } = pageOf(data)
      nodes.push(...edges.map(({ node }) => node))
      if (!pageInfo.hasNextPage) return nodes
      after = pageInfo.endCursor
    }
  }
  return (await Promise.all(namespaceArguments.peek().map(nodesIn))).flat()
}
