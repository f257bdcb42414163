import type { HarkEvent } from '../../schemas/events/events.ts'
import { type ConditionResult, unknown } from './evaluate-conditions.ts'
import { notObserved } from './observation.ts'

/** Sites without a router are Detached. */
export interface RouterConnection {
  readonly connection: 'Detached' | 'Connecting' | 'Connected'
  readonly id?: string
  readonly url?: string
  readonly message: string
  readonly since: string
  readonly driver?: string
  /** The message while another controller also drives the router. */
  readonly contested?: string
  /** Absent while an engine observes the router. */
  readonly unobservedSince?: string
}

export const NO_ROUTER = 'No router attached'

export const detached = (since: string): RouterConnection => ({ connection: 'Detached', message: NO_ROUTER, since })

export const unknownBy = ({ message, unobservedSince }: RouterConnection): ConditionResult =>
  unobservedSince === undefined ? unknown(message) : notObserved(unobservedSince)

export const reduceRouterConnection = (
  before: RouterConnection | undefined,
  event: HarkEvent,
): RouterConnection | undefined => {
  const since = event.time
  const known =
    before === undefined
      ? {}
      : {
          ...(before.id && { id: before.id }),
          ...(before.url && { url: before.url }),
          ...(before.driver && { driver: before.driver }),
          ...(before.contested && { contested: before.contested }),
        }
  switch (event.type) {
    case 'RouterAttached':
      return { connection: 'Connecting', url: event.data.url, message: 'Connecting', since }
    case 'RouterConnected':
      return { ...known, connection: 'Connected', id: event.data.id, message: before?.contested ?? 'OK', since }
    case 'RouterLost':
      return { ...known, connection: 'Connecting', message: `The router does not respond: ${event.data.reason}`, since }
    case 'RouterUnobserved': {
      if (before === undefined || before.connection === 'Detached') return undefined
      const { since: unobservedSince } = event.data
      const { message } = notObserved(unobservedSince)
      return { ...known, connection: 'Connecting', message, since, unobservedSince }
    }
    case 'RouterContested': {
      if (before === undefined || before.connection === 'Detached') return undefined
      const { message: contested } = event.data
      return { ...before, contested, ...(before.connection === 'Connected' && { message: contested }) }
    }
    case 'RouterUncontested': {
      if (before?.contested === undefined) return undefined
      const { contested: _, ...rest } = before
      return { ...rest, ...(rest.connection === 'Connected' && { message: 'OK' }) }
    }
    case 'RouterDriverChanged':
      return before && { ...before, driver: event.data.driver }
    case 'RouterDetached':
      return { connection: 'Detached', message: NO_ROUTER, since }
    default:
      return undefined
  }
}
