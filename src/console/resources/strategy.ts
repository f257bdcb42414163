/** As GraphQL has it: one of the fields is set. */
export interface Strategy {
  readonly priority?: { readonly routingKeys: readonly string[] } | null
  readonly weighted?: { readonly routingKeys: unknown } | null
}

export interface StrategyStatus {
  readonly priority?: { readonly routingKeysReachable: readonly string[] } | null
  readonly weighted?: { readonly routingKeysReachable: unknown } | null
}

export interface KeyShare {
  readonly routingKey: string
  /** Undefined with a strategy by priority. */
  readonly weight: number | undefined
  readonly isReachable: boolean
  /** Of new connections, from 0 to 1. */
  readonly share: number
}

type Weights = Readonly<Record<string, number>>

const weightsOf = (map: unknown): Weights => (map ?? {}) as Weights

export const routingKeysOf = ({ priority, weighted }: Strategy): readonly string[] =>
  priority?.routingKeys ?? Object.keys(weightsOf(weighted?.routingKeys))

/** `east, north` in order of priority, or `east=3, north=1`. */
export const strategyText = ({ priority, weighted }: Strategy): string => {
  if (priority) return priority.routingKeys.join(', ')
  return Object.entries(weightsOf(weighted?.routingKeys))
    .map(([key, weight]) => `${key}=${weight}`)
    .join(', ')
}

const byPriority = (keys: readonly string[], reachable: readonly string[]): readonly KeyShare[] =>
  keys.map(routingKey => ({
    routingKey,
    weight: undefined,
    isReachable: reachable.includes(routingKey),
    share: routingKey === reachable[0] ? 1 : 0,
  }))

const byWeight = (weights: Weights, reachable: Weights): readonly KeyShare[] => {
  const sum = Object.values(reachable).reduce((total, weight) => total + weight, 0)
  return Object.entries(weights).map(([routingKey, weight]) => {
    const isReachable = Object.hasOwn(reachable, routingKey)
    return { routingKey, weight, isReachable, share: isReachable && sum > 0 ? weight / sum : 0 }
  })
}

/** All to the first with a connector, or by weight among these. */
export const sharesOf = ({ priority, weighted }: Strategy, status: StrategyStatus): readonly KeyShare[] =>
  priority
    ? byPriority(priority.routingKeys, status.priority?.routingKeysReachable ?? [])
    : byWeight(weightsOf(weighted?.routingKeys), weightsOf(status.weighted?.routingKeysReachable))
