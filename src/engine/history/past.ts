import type { ReadSide } from '../engine.ts'
import { fromCursor } from '../queries/pagination.ts'
import type { ResourcePageRequest } from '../queries/types.ts'
import type { PastQuery } from './as-of-query.ts'
import type { History } from './history.ts'
import type { Moments } from './moments.ts'
import type { ObservedTime } from './observed-time.ts'

/** Errors of the other thread are reported as internal. */
const checked = (page: ResourcePageRequest): ResourcePageRequest => {
  if (page.after !== undefined) fromCursor(page.after, 'after', page.orderBy)
  if (page.before !== undefined) fromCursor(page.before, 'before', page.orderBy)
  return page
}

export const createPast =
  (history: History, observed: ObservedTime, { positionOf }: Moments): ReadSide['past'] =>
  async moment => {
    const position = await positionOf(moment)
    const unobserved =
      moment.time === undefined ? await observed.after(moment.position) : observed.at(Date.parse(moment.time))
    const queryThen = <Answer>(query: PastQuery) => history.query<Answer>(position, query, unobserved)
    return {
      position,
      resource: (kind, namespace, name) => queryThen({ of: 'resource', kind, namespace, name }),
      resources: async (kind, filter, page, isPlain = false) =>
        JSON.parse(await queryThen<string>({ of: 'resources', kind, filter, page: checked(page), isPlain })),
      sites: () => queryThen({ of: 'sites' }),
      routerConfig: async namespace => ({
        namespace,
        position,
        entities: await history.query(position, { of: 'entities', namespace }),
      }),
    }
  }
