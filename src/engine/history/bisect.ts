import type { Transition } from '../../../projections/timeline.ts'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import type { ReadSide } from '../engine.ts'
import type { WindowRequest } from '../overview/types.ts'
import type { History } from './history.ts'
import type { TimeWindow } from './moments.ts'
import { fromColumns, type TransitionColumns } from './timeline/condition-transitions.ts'
import type { Bisection } from './types.ts'

const isBroken = (transition: Transition | undefined): boolean =>
  transition?.verdict !== undefined && transition.verdict.status !== 'True'

/** @param transitions oldest first, including the one in effect at `after` */
const search = (transitions: readonly Transition[], after: Position, latest: boolean): Bisection => {
  const isIn = ({ position }: Transition): boolean => position > after
  const ceased = transitions.flatMap((transition, place) =>
    isIn(transition) && isBroken(transition) && transitions[place - 1]?.verdict?.status === 'True' ? [place] : [],
  )
  const wasBroken = isBroken(transitions.findLast(transition => !isIn(transition)))
  const created = wasBroken ? -1 : transitions.findIndex(transition => isIn(transition) && isBroken(transition))
  const place = (latest ? ceased.at(-1) : ceased[0]) ?? created
  const found = transitions[place]
  if (found === undefined) return { outcome: wasBroken ? 'before' : 'never' }
  const end = transitions.findIndex((transition, at) => at > place && !isBroken(transition))
  const stretch = transitions.slice(place, end === -1 ? undefined : end)
  const failure = stretch.find(({ verdict }) => verdict?.reason === 'Error')
  return { outcome: 'found', position: found.position, ...(failure && { failure: failure.position }) }
}

export const createBisect =
  (history: History, windowOf: (window: WindowRequest) => Promise<TimeWindow>): ReadSide['bisect'] =>
  async ({ kind, namespace, name, type, from, to, latest }) => {
    const kept = history.kept?.position ?? BEGINNING
    const { after, until } = await windowOf({ from: from ?? { position: kept }, to })
    // A window that begins with an event includes it.
    const first = from === undefined ? kept : from.position === undefined ? undefined : from.position - 1
    const begin = first === undefined ? after : Math.min(after, Math.max(first, BEGINNING))
    const query = { of: 'transitions', kind, namespace, name, type, after: begin } as const
    return search(fromColumns(await history.query<TransitionColumns>(until, query)), begin, latest)
  }
