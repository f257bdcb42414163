import type { NetworkEndpoint, NetworkView } from '../../router/vanflow/network-view.ts'

/** The endpoints of the network by kind and routing key; follows the network's view until it is ended. */
export class EndpointIndex {
  readonly #network: NetworkView
  readonly #byKey = { connector: new Map<string, Set<string>>(), listener: new Map<string, Set<string>>() }
  readonly #filed = new Map<string, Pick<NetworkEndpoint, 'kind' | 'routingKey'>>()

  constructor(network: NetworkView) {
    this.#network = network
    for (const { identity } of network.endpoints()) this.update(identity)
  }

  /** To be told of each endpoint that came, changed or went; answers the routing keys that it bore and bears. */
  update(identity: string): readonly Pick<NetworkEndpoint, 'kind' | 'routingKey'>[] {
    const before = this.#filed.get(identity)
    const now = this.#network.endpoint(identity)
    if (before !== undefined) {
      const there = this.#byKey[before.kind].get(before.routingKey)
      there?.delete(identity)
      if (there?.size === 0) this.#byKey[before.kind].delete(before.routingKey)
      this.#filed.delete(identity)
    }
    if (now !== undefined) {
      const byKey = this.#byKey[now.kind]
      const there = byKey.get(now.routingKey)
      if (there === undefined) byKey.set(now.routingKey, new Set([identity]))
      else there.add(identity)
      this.#filed.set(identity, now)
    }
    return [before, now].filter(endpoint => endpoint !== undefined)
  }

  has(kind: NetworkEndpoint['kind'], routingKey: string): boolean {
    return this.#byKey[kind].has(routingKey)
  }

  identities(kind: NetworkEndpoint['kind'], routingKey: string): Iterable<string> {
    return this.#byKey[kind].get(routingKey) ?? []
  }

  routingKeys(kind: NetworkEndpoint['kind']): Iterable<string> {
    return this.#byKey[kind].keys()
  }
}
