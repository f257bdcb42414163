import type { LaneStatus } from '../lanes/lane.ts'

interface RouterLike {
  readonly connection: 'Detached' | 'Connecting' | 'Connected'
  readonly message: string
}

/** The status of a router in the terms of lanes; undefined if none is attached. */
export const routerStatus = ({ connection }: Pick<RouterLike, 'connection'>): LaneStatus | undefined => {
  if (connection === 'Connected') return 'Ready'
  return connection === 'Connecting' ? 'Pending' : undefined
}

const SYMBOLS = { Connected: '●', Connecting: '◐', Detached: '–' } as const

export const RouterState = ({ connection, message }: RouterLike) => (
  <span class="status" data-status={routerStatus({ connection }) ?? 'Absent'} title={message}>
    <i aria-hidden="true">{SYMBOLS[connection]}</i>
    {connection}
  </span>
)
