import { Argument, InvalidArgumentError } from 'commander'
import { connectors } from './connectors.ts'
import { listeners } from './listeners.ts'
import { anyKind, plural, singular } from './resource.ts'
import { sites } from './sites.ts'

const KINDS = { listeners: anyKind(listeners), connectors: anyKind(connectors), sites: anyKind(sites) } as const

export const kindArgument = (name: string, plurals: readonly (keyof typeof KINDS)[], description: string): Argument =>
  new Argument(name, description).argParser(text => {
    const kinds = plurals.map(key => KINDS[key])
    const kind = kinds.find(each => [singular(each), plural(each), ...each.aliases].includes(text))
    if (kind === undefined) throw new InvalidArgumentError(`must be one of ${plurals.join(', ')}`)
    return kind
  })
