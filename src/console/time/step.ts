import { EventAfterDocument, EventBeforeDocument } from '../api/generated.ts'
import { request } from '../api/request.ts'
import { isConnected } from '../api/subscription.ts'
import { namespaceArguments } from '../api/viewer.ts'
import { at } from '../routes/navigation.ts'
import { isPosition } from '../routes/route.ts'
import { head, isAfterHead, learnTimes, momentTime, record, showEvent, showPresent } from './log.ts'

export interface StepScope {
  readonly namespace?: string
  readonly name?: string
  readonly types?: readonly string[]
}

interface Found {
  readonly position: string
  readonly time: string
}

const nearest = async (
  scope: StepScope,
  find: (scope: StepScope) => Promise<Found | undefined>,
  isNearer: (one: Found, other: Found) => boolean,
): Promise<Found | undefined> => {
  const scopes =
    scope.namespace === undefined ? namespaceArguments.peek().map(each => ({ ...scope, ...each })) : [scope]
  const found = await Promise.all(scopes.map(find))
  return found.reduce((best, each) => (best === undefined || (each && isNearer(each, best)) ? each : best), undefined)
}

const findBefore = (scope: StepScope, limit: object): Promise<Found | undefined> =>
  nearest(
    scope,
    async each => (await request(EventBeforeDocument, { ...each, ...limit })).events.edges[0]?.node,
    (one, other) => one.position > other.position,
  )

const before = (scope: StepScope): Promise<Found | undefined> => {
  const moment = at.peek()
  const isTime = moment !== undefined && !isPosition(moment)
  const limit = isTime ? { to: { time: moment } } : moment === undefined ? {} : { before: moment }
  return findBefore(scope, limit)
}

const after = (scope: StepScope): Promise<Found | undefined> => {
  const moment = at.peek()
  if (moment === undefined) return Promise.resolve(undefined)
  // An event in the same millisecond is before this moment already.
  const limit = isPosition(moment)
    ? { after: moment }
    : { from: { time: new Date(Date.parse(moment) + 1).toISOString() } }
  return nearest(
    scope,
    async each => (await request(EventAfterDocument, { ...each, ...limit })).events.edges[0]?.node,
    (one, other) => one.position < other.position,
  )
}

/**
 * A link has the position of an event without its time: that of the latest event up to it that the viewer may read. Before
 * the first one, it is a time at which nothing existed.
 */
export const learnTimeOfMoment = async (): Promise<void> => {
  const moment = at.value
  if (moment === undefined || isAfterHead.value || momentTime.value !== undefined || !isConnected.value) return
  try {
    const found = await findBefore({}, { to: { position: moment } })
    const first = record.peek()?.first
    const time = found?.time ?? (first && first - 1)
    if (time !== undefined) learnTimes([{ position: moment, time }])
  } catch {
    // The state of the connection is shown elsewhere.
  }
}

let isStepping = false

export const step = async (direction: 'back' | 'forward', scope: StepScope = {}): Promise<void> => {
  if (isStepping || head.peek() === '') return
  isStepping = true
  const moment = at.peek()
  try {
    const found = await (direction === 'back' ? before(scope) : after(scope))
    // Somewhere else meanwhile.
    if (at.peek() !== moment) return
    if (found !== undefined) showEvent(found.position, found.time)
    else if (direction === 'forward') showPresent()
  } catch {
    // The state of the connection is shown elsewhere.
  } finally {
    isStepping = false
  }
}
