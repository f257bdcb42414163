import { Argument, InvalidArgumentError } from 'commander'
import { connectors } from './connectors.ts'
import { listeners } from './listeners.ts'
import type { Resource, ResourceKind } from './resource.ts'
import { sites } from './sites.ts'

/** Where the kind is chosen at run time, what its own resources look like is between it and itself. */
const erased = <R extends Resource>(kind: ResourceKind<R>): ResourceKind => kind as unknown as ResourceKind

const KINDS = {
  listeners: erased(listeners),
  connectors: erased(connectors),
  sites: erased(sites),
} as const

/** An argument that names one of these kinds, in the singular or the plural or by its short name. */
export const kindArgument = (name: string, plurals: readonly (keyof typeof KINDS)[], description: string): Argument => {
  const kinds = plurals.map(plural => KINDS[plural])
  return new Argument(name, description).argParser(text => {
    const kind = kinds.find(({ singular, plural, aliases }) => [singular, plural, ...aliases].includes(text))
    if (kind === undefined) {
      throw new InvalidArgumentError(`It is to be one of ${kinds.map(({ plural }) => plural).join(', ')}.`)
    }
    return kind
  })
}
