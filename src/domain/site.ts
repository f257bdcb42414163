import type { CommandOf, SiteCommand } from '../../schemas/commands.ts'
import { alreadyExists, HarkError, notFound } from '../../schemas/errors.ts'
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

type Site = Extract<SiteState, { exists: true }>

/** A namespace with a router but without a site is listed as a site too, which has nothing to change. */
const undeclared = ({ message }: HarkError): HarkError =>
  new HarkError('NOT_FOUND', `${message}, which has no declared site: create one with the name that it is to have`)

const existing = ({ namespace, name }: Command, site: SiteState): Site => {
  if (site.exists && site.name === name) return site
  const missing = notFound('Site', namespace, name)
  throw site.exists ? missing : undeclared(missing)
}

const updated = (
  { namespace, name }: Command,
  { uid, generation, spec: previous }: Site,
  spec: SiteSpec,
): SiteEvent[] => {
  if (changedFields(previous, spec).length === 0) return []
  return [{ type: 'SiteUpdated', data: { namespace, name, uid, generation: generation + 1, spec, previous } }]
}

/** The stream is that of the namespace, so a site with a new name keeps its uid and history. */
const renamed = (
  { namespace, newName }: WithNewUid<CommandOf<'RenameSite'>>,
  { name: previous, uid }: Site,
): SiteEvent[] =>
  newName === previous ? [] : [{ type: 'SiteRenamed', data: { namespace, name: newName, uid, previous } }]

/** A namespace has one site. */
const applySite = (command: WithNewUid<CommandOf<'ApplySite'>>, site: SiteState): SiteEvent[] => {
  const { namespace, name, newUid: uid, spec } = command
  if (!site.exists) return [{ type: 'SiteCreated', data: { namespace, name, uid, spec } }]
  if (site.name !== name)
    throw alreadyExists(`namespace ${namespace} has a site already, ${site.name}: there is one in each namespace`)
  return updated(command, site, spec)
}

const decide = (command: Command, site: SiteState): SiteEvent[] => {
  const { namespace, name } = command
  switch (command.type) {
    case 'ApplySite':
      return applySite(command, site)
    case 'UpdateSite':
      return updated(command, existing(command, site), command.spec)
    case 'RenameSite':
      return renamed(command, existing(command, site))
    case 'DeleteSite':
      return [{ type: 'SiteDeleted', data: { namespace, name, uid: existing(command, site).uid } }]
  }
}

const evolve = (state: SiteState, event: SiteEvent): SiteState => {
  switch (event.type) {
    case 'SiteCreated':
      return { exists: true, name: event.data.name, uid: event.data.uid, generation: 1, spec: event.data.spec }
    case 'SiteUpdated':
      return state.exists ? { ...state, generation: event.data.generation, spec: event.data.spec } : state
    case 'SiteRenamed':
      return state.exists ? { ...state, name: event.data.name } : state
    case 'SiteDeleted':
      return { exists: false }
  }
}

export const site: Decider<SiteState, Command, SiteEvent> = { initial: { exists: false }, decide, evolve }
