import { type Command, InvalidArgumentError, Option } from 'commander'
import { AUDIT_ACTIONS, type AuditAction, parseResourceRef } from '../../../../schemas/audit-vocabulary.ts'
import type { WindowOptions } from '../../moment.ts'

export interface FilterOptions extends WindowOptions {
  readonly actor?: string
  readonly namespace?: string
  readonly resource?: string
  readonly action?: readonly AuditAction[]
}

const actions = (text: string): readonly AuditAction[] =>
  text.split(',').map(name => {
    const action = AUDIT_ACTIONS.find(known => known === name)
    if (action === undefined) throw new InvalidArgumentError(`must be one of: ${AUDIT_ACTIONS.join(', ')}`)
    return action
  })

const resource = (text: string): string => {
  if (parseResourceRef(text) !== undefined) return text
  throw new InvalidArgumentError('must be a name, or a kind and a name such as listener/backend')
}

export const withEntryFilters = (command: Command): Command =>
  command
    .option('-n, --namespace <namespace>', 'only entries of this namespace')
    .addOption(new Option('-A, --all-namespaces', 'all namespaces (as without -n)').conflicts('namespace'))
    .option('--actor <actor>', 'only entries of this actor')
    .option('--resource <resource>', 'only entries of this resource: NAME or KIND/NAME', resource)
    .option('--action <actions>', 'only these actions, separated by commas', actions)
