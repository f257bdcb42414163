import type { Client } from '../client/client.ts'
import {
  type ChangeFragment,
  ChangesDocument,
  HistoryBeginDocument,
  StatesDocument,
  type StatesQuery,
} from '../client/generated.ts'
import { edgePages, pages } from '../client/pagination.ts'
import type { Moment } from '../moment.ts'
import { note } from '../output/print.ts'

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

export const noteBegin = (keptFrom: string): void =>
  note(`The history begins at ${keptFrom}: a compaction removed earlier states.`)

/** Notes where the changes begin if a compaction removed those before. */
export const changePages = (client: Client, scope: ChangeScope): AsyncGenerator<ChangeFragment[]> =>
  pages(async after => {
    const first = after === null ? FIRST_PAGE : PAGE
    const { changes } = await client.request(ChangesDocument, { ...scope, first, after })
    if (after === null && changes.keptFrom !== null) noteBegin(changes.keptFrom)
    return changes
  })

interface HistoryBegin {
  readonly keptFrom: string
  readonly keptPosition: string
}

export const historyBegin = async (client: Client, namespace: string): Promise<HistoryBegin | undefined> => {
  const { keptFrom, keptPosition } = (await client.request(HistoryBeginDocument, { namespace })).changes
  return keptFrom === null || keptPosition === null ? undefined : { keptFrom, keptPosition }
}

export const statePages = (client: Client, scope: ChangeScope): AsyncGenerator<StatesQuery['changes']['edges']> =>
  edgePages(async after => (await client.request(StatesDocument, { ...scope, first: PAGE, after })).changes)
