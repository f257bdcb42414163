import { badUserInput } from '../../../../schemas/errors.ts'
import type { Position } from '../../../../schemas/events/recorded-event.ts'
import type { Engine } from '../../../engine/engine.ts'
import type { OperationContext } from '../context.ts'
import type { QueryNodeArgs, QueryNodesArgs } from '../generated.ts'
import { fromGlobalId, type ResourceId } from '../global-id.ts'
import { MAX_PAGE_SIZE } from '../inputs.ts'
import type { ResolverServices } from './shared.ts'

type ReadSide = Engine['read']
type Node = object | undefined

class NodeReader {
  readonly #read: ReadSide
  readonly #context: OperationContext
  readonly #sites = new Map<Position | undefined, Promise<ReadonlyMap<string, object>>>()

  constructor(read: ReadSide, context: OperationContext) {
    this.#read = read
    this.#context = context
  }

  async node(id: string): Promise<Node> {
    const resource = fromGlobalId(id)
    if (resource === undefined) return undefined
    const row = await this.#row(resource)
    return row && { ...row, __typename: resource.kind }
  }

  async #row({ kind, namespace, name = '', asOf }: ResourceId): Promise<Node> {
    if (asOf !== undefined && asOf > this.#read.head().position) return undefined
    if (kind === 'Site') return (await this.#sitesAt(asOf)).get(namespace)
    if (asOf === undefined) return this.#read.resource(kind, namespace, name)
    return this.#past(asOf, view => view.resource(kind, namespace, name))
  }

  #sitesAt(position: Position | undefined): Promise<ReadonlyMap<string, object>> {
    const known = this.#sites.get(position)
    if (known !== undefined) return known
    const sites = this.#readSites(position)
    this.#sites.set(position, sites)
    return sites
  }

  async #readSites(position: Position | undefined): Promise<ReadonlyMap<string, object>> {
    const sites = position === undefined ? this.#read.sites() : await this.#past(position, view => view.sites())
    this.#context.countRows(sites.length)
    return new Map(sites.map(site => [site.namespace, site]))
  }

  #past<T>(position: Position, query: (view: Awaited<ReturnType<ReadSide['past']>>) => Promise<T>): Promise<T> {
    return this.#context.read(async () => {
      this.#context.signal.throwIfAborted()
      return query(await this.#read.past({ position }))
    })
  }
}

export const nodeResolvers = ({ engine: { read } }: ResolverServices) => ({
  Query: {
    node: (_: unknown, { id }: QueryNodeArgs, context: OperationContext) => new NodeReader(read, context).node(id),
    nodes: (_: unknown, { ids }: QueryNodesArgs, context: OperationContext) => {
      if (ids.length > MAX_PAGE_SIZE)
        throw badUserInput([{ path: 'ids', message: `must be at most ${MAX_PAGE_SIZE} ids, are ${ids.length}` }])
      context.countRows(ids.length)
      const nodes = new NodeReader(read, context)
      return Promise.all(ids.map(id => nodes.node(id)))
    },
  },
})
