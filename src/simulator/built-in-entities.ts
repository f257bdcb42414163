import type { Attributes, StoredEntity } from './entity-types.ts'

interface RouterView {
  readonly id: string
  reachable(): Iterable<string>
  linked(): Iterable<string>
  clients(): Iterable<string>
  /** Own addresses and those of reachable routers, with duplicates. */
  addresses(): Iterable<string>
}

export const builtInEntities = (type: string, router: RouterView): readonly StoredEntity[] => {
  const entity = (name: string, attributes: Attributes) => ({ type, name, identity: name, attributes })
  switch (type) {
    case 'router':
      return [entity(`router/${router.id}`, { id: router.id, mode: 'interior' })]
    case 'router.node':
      return [router.id, ...router.reachable()].map(id => entity(`router.node/${id}`, { id }))
    case 'connection':
      return connections(router).map(([container, role], index) =>
        entity(`connection/${container}/${index}`, { container, role }),
      )
    case 'router.address':
      return [...new Set(router.addresses())].map(address => entity(`M${address}`, {}))
    default:
      return []
  }
}

const connections = (router: RouterView): (readonly [string, string])[] => [
  ...Array.from(router.linked(), id => [id, 'inter-router'] as const),
  ...Array.from(router.clients(), container => [container, 'normal'] as const),
]
