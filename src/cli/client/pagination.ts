/** One page of a list, as Relay's connections have it. */
export interface Connection<Node> {
  readonly edges: readonly { readonly node: Node }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

/** Every page of a list, one after the other; `read` gets the cursor that the page is to begin after. */
export const pages = async function* <Node>(
  read: (after: string | null) => Promise<Connection<Node>>,
): AsyncGenerator<Node[]> {
  for (let after: string | null = null; ; ) {
    const { edges, pageInfo }: Connection<Node> = await read(after)
    yield edges.map(({ node }) => node)
    if (!pageInfo.hasNextPage) return
    after = pageInfo.endCursor
  }
}

export const collect = async <Node>(all: AsyncIterable<readonly Node[]>): Promise<Node[]> => {
  const nodes: Node[] = []
  for await (const page of all) nodes.push(...page)
  return nodes
}
