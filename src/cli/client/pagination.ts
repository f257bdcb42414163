import type { Moment } from '../moment.ts'
import { DEFAULT_NAMESPACE } from '../options.ts'
import type { Client } from './client.ts'
import { type PageFragment, RouterConfigPositionDocument } from './generated.ts'

export interface Connection<Edge> {
  readonly edges: readonly Edge[]
  readonly pageInfo: PageFragment
}

export const edgePages = async function* <Edge>(
  read: (after: string | null) => Promise<Connection<Edge>>,
): AsyncGenerator<readonly Edge[]> {
  for (let after: string | null = null; ; ) {
    const { edges, pageInfo }: Connection<Edge> = await read(after)
    yield edges
    if (!pageInfo.hasNextPage) return
    after = pageInfo.endCursor
  }
}

export const pages = async function* <Node>(
  read: (after: string | null) => Promise<Connection<{ readonly node: Node }>>,
): AsyncGenerator<Node[]> {
  for await (const edges of edgePages(read)) yield edges.map(({ node }) => node)
}

export const collect = async <Node>(all: AsyncIterable<readonly Node[]>): Promise<Node[]> => {
  const nodes: Node[] = []
  for await (const page of all) nodes.push(...page)
  return nodes
}

export const hadBegun = async (
  client: Client,
  at: Moment | undefined,
  namespace = DEFAULT_NAMESPACE,
): Promise<boolean> => {
  if (at === undefined) return true
  const { routerConfig } = await client.request(RouterConfigPositionDocument, { namespace, at })
  return Number(routerConfig.position) > 0
}

export const NOT_BEGUN = 'that is before the first event: the log of this engine begins later'
