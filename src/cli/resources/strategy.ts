import { InvalidArgumentError, Option } from 'commander'
import { usageError } from '../errors.ts'

export interface StrategyFlags {
  readonly priority?: readonly string[]
  readonly weighted?: Readonly<Record<string, number>>
}

const weights = (text: string, before: Readonly<Record<string, number>> = {}): Readonly<Record<string, number>> => {
  const at = text.lastIndexOf('=')
  const weight = text.slice(at + 1)
  if (at < 1 || !/^\d+$/.test(weight)) throw new InvalidArgumentError('must be KEY=WEIGHT, such as east=3')
  const key = text.slice(0, at)
  if (Object.hasOwn(before, key)) throw new InvalidArgumentError(`${key} has a weight already`)
  return Object.fromEntries([...Object.entries(before), [key, Number(weight)]])
}

export const strategyOptions = (): Option[] => [
  new Option('--priority <keys...>', 'routing keys: connections go to the first that has a connector').conflicts(
    'weighted',
  ),
  new Option(
    '--weighted <key=weight...>',
    'routing keys with weights: connections are shared among those that have a connector',
  ).argParser(weights),
]

const weightsText = (weights: unknown): string =>
  Object.entries(weights ?? {})
    .map(([key, weight]) => `${key}=${weight}`)
    .join(',')

/** `east,north` by priority, or `east=3,north=1`; undefined for no strategy. */
export const routingKeysText = (strategy: unknown): string | undefined => {
  const { priority, weighted } = (strategy ?? {}) as {
    readonly priority?: { readonly routingKeys: readonly string[] } | null
    readonly weighted?: { readonly routingKeys: Readonly<Record<string, number>> } | null
  }
  if (priority) return priority.routingKeys.join(',')
  return weighted ? weightsText(weighted.routingKeys) : undefined
}

interface ReachableStrategy {
  readonly priority: { readonly routingKeysReachable: readonly string[] } | null
  readonly weighted: { readonly routingKeysReachable: unknown } | null
}

export const reachableKeysText = ({ priority, weighted }: ReachableStrategy): string =>
  priority?.routingKeysReachable.join(',') ?? weightsText(weighted?.routingKeysReachable)

export const strategyOf = ({ priority, weighted }: StrategyFlags): object | undefined => {
  if (priority !== undefined) return { priority: { routingKeys: priority } }
  return weighted && { weighted: { routingKeys: weighted } }
}

export const requiredStrategy = (flags: StrategyFlags): object => {
  const strategy = strategyOf(flags)
  if (strategy === undefined) throw usageError('name the routing keys: use --priority or --weighted')
  return strategy
}
