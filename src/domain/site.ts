import type { SiteCommand } from '../../schemas/commands.ts'
import { alreadyExists } from '../../schemas/errors.ts'
import type { SiteEvent } from '../../schemas/events/events.ts'
import type { SiteSpec } from '../../schemas/resources/site.ts'
import type { Decider, WithNewUid } from './decider.ts'
import { changedFields } from './immutable-fields.ts'

export type SiteState =
  | { readonly exists: false }
  | {
      readonly exists: true
      readonly name: string
      readonly uid: string
      readonly generation: number
      readonly spec: SiteSpec
    }
type Command = WithNewUid<SiteCommand>

/** A namespace has one site. */
const decide = (command: Command, site: SiteState): SiteEvent[] => {
  const { namespace, name, spec } = command
  if (!site.exists) return [{ type: 'SiteCreated', data: { namespace, name, uid: command.newUid, spec } }]
  if (site.name !== name)
    throw alreadyExists(`namespace ${namespace} has a site already, ${site.name}: there is one in each namespace`)
  if (changedFields(site.spec, spec).length === 0) return []
  return [
    {
      type: 'SiteUpdated',
      data: { namespace, name, uid: site.uid, generation: site.generation + 1, spec, previous: site.spec },
    },
  ]
}

const evolve = (state: SiteState, event: SiteEvent): SiteState => {
  switch (event.type) {
    case 'SiteCreated':
      return { exists: true, name: event.data.name, uid: event.data.uid, generation: 1, spec: event.data.spec }
    case 'SiteUpdated':
      return state.exists ? { ...state, generation: event.data.generation, spec: event.data.spec } : state
  }
}

export const site: Decider<SiteState, Command, SiteEvent> = { initial: { exists: false }, decide, evolve }
