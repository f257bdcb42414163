import { StatusBadge, statusWords } from '../components/status.tsx'
import type { LaneStatus } from '../lanes/lane.ts'

interface RouterLike {
  readonly connection: 'Detached' | 'Connecting' | 'Connected'
  readonly laneStatus: LaneStatus
  readonly message: string
}

/** As in lanes, which do not distinguish a detached router. */
export const routerWords = ({ connection, laneStatus }: Omit<RouterLike, 'message'>): string =>
  connection === 'Detached' ? connection : statusWords(laneStatus, 'Router')

export const RouterState = ({ message, ...router }: RouterLike) => (
  <span title={message}>
    {router.connection === 'Detached' ? (
      <span class="status" data-status="Absent">
        <i aria-hidden="true">–</i>
        {routerWords(router)}
      </span>
    ) : (
      <StatusBadge status={router.laneStatus} kind="Router" />
    )}
  </span>
)
