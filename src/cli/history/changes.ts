import type { Client } from '../client/client.ts'
import { type ChangeFragment, ChangesDocument, StatesDocument, type StatesQuery } from '../client/generated.ts'
import { edgePages, pages } from '../client/pagination.ts'
import type { Moment } from '../moment.ts'

export type ResourceDifferences = Pick<ChangeFragment, 'listeners' | 'multiKeyListeners'>
export type EntityDifferences = Pick<ChangeFragment, 'added' | 'removed' | 'changed'>
export interface ChangeScope {
  readonly namespace: string
  readonly listener?: string | undefined
  readonly multiKeyListener?: string | undefined
  readonly from?: Moment | undefined
  readonly to?: Moment | undefined
}

/** Small, so that the first changes appear soon. */
const FIRST_PAGE = 20
const PAGE = 500

export const changePages = (client: Client, scope: ChangeScope): AsyncGenerator<ChangeFragment[]> =>
  pages(async after => {
    const first = after === null ? FIRST_PAGE : PAGE
    return (await client.request(ChangesDocument, { ...scope, first, after })).changes
  })

export const statePages = (client: Client, scope: ChangeScope): AsyncGenerator<StatesQuery['changes']['edges']> =>
  edgePages(async after => (await client.request(StatesDocument, { ...scope, first: PAGE, after })).changes)
