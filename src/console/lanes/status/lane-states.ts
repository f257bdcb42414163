import { keyOf, LANE_KINDS, type Lane, type LaneNode, type LaneStatus } from '../lane.ts'

/** Without a status where the resource did not exist. */
export interface LaneState {
  readonly status: LaneStatus | undefined
  readonly port: number | undefined
}

type Named = Pick<Lane, 'kind' | 'namespace' | 'name'>

/** Sorted by kind, namespace and name. */
export interface LaneStates {
  readonly byKey: ReadonlyMap<string, LaneState>
  /** Up to which resource they were loaded; undefined for all. */
  readonly until: Named | undefined
}

const ABSENT: LaneState = { status: undefined, port: undefined }

const isAfter = (one: Named, other: Named): boolean => {
  const order = ({ kind, namespace, name }: Named) => `${LANE_KINDS.indexOf(kind)} ${namespace} ${name}`
  return order(one) > order(other)
}

export const laneStatesOf = (
  nodes: readonly Pick<LaneNode, 'kind' | 'namespace' | 'name' | 'status' | 'port'>[],
  isWhole: boolean,
): LaneStates => ({
  byKey: new Map(nodes.map(node => [keyOf(node), { status: node.status ?? undefined, port: node.port ?? undefined }])),
  until: isWhole ? undefined : nodes.at(-1),
})

/** Undefined if it was not loaded. */
export const stateIn = ({ byKey, until }: LaneStates, lane: Named): LaneState | undefined =>
  byKey.get(keyOf(lane)) ?? (until !== undefined && isAfter(lane, until) ? undefined : ABSENT)
