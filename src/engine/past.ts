import { unavailable } from '../../schemas/errors.ts'
import { BEGINNING, type Position } from '../../schemas/recorded-event.ts'
import { fromCursor } from './cursor.ts'
import type { MomentAsked, Page, PageRequest, Past, PastListener, RouterConfiguration } from './engine.ts'
import type { PastQuery } from './past-query.ts'
import type { Projector } from './projector.ts'
import type { ReadModels } from './read-models.ts'

/** A wrong cursor is the caller's fault, and is told before anybody else has to look at it. */
const checked = (page: PageRequest): PageRequest => {
  if (page.after !== undefined) fromCursor(page.after)
  return page
}

/** Looks at any moment of the past, from the versions of rows that are written down. */
export const createPast = (models: ReadModels, projector: Projector) => {
  /** A moment after the last event is that event's: nothing has changed since. */
  const positionOf = async (moment: MomentAsked): Promise<Position> => {
    const { head } = projector
    if (moment.position !== undefined) return Math.min(moment.position, head.position)
    const time = Date.parse(moment.time)
    return time >= Date.parse(head.time) ? head.position : ((await models.positionAt(time)) ?? BEGINNING)
  }

  return async (moment: MomentAsked): Promise<Past> => {
    const position = await positionOf(moment)
    if (position > models.position) throw unavailable('the read models are being rebuilt: ask again')
    await models.whenWritten(position).catch(() => {
      throw unavailable('what happened last could not be written down: ask again')
    })
    const ask = <Answer>(query: PastQuery): Promise<Answer> => models.askPast(position, query) as Promise<Answer>
    return {
      position,
      listener: (namespace, name) => ask<PastListener | undefined>({ of: 'listener', namespace, name }),
      listeners: (filter, page) => ask<Page<PastListener>>({ of: 'listeners', filter, page: checked(page) }),
      connector: (namespace, name) => ask({ of: 'connector', namespace, name }),
      connectors: (filter, page) => ask({ of: 'connectors', filter, page: checked(page) }),
      routerConfig: async (namespace): Promise<RouterConfiguration> => ({
        namespace,
        position,
        entities: await ask({ of: 'entities', namespace }),
      }),
    }
  }
}
