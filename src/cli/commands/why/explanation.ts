import type { EventFragment, TimelineFragment } from '../../client/generated.ts'
import { changeText, isMetadataChange, positionText } from '../../history/event-text.ts'
import { ABSENT } from '../timeline/bar.ts'
import { advice, decisive } from './advice.ts'
import type { Condition, Explained } from './explained.ts'

type Interval = TimelineFragment['intervals'][number]

interface Findings {
  readonly listener: Explained
  readonly intervals: readonly Interval[]
  readonly eventAt: (position: string) => EventFragment | undefined
  readonly events: readonly EventFragment[]
}

export interface Explanation {
  readonly listener: string
  readonly namespace: string
  readonly status: string
  readonly reason: string
  readonly since: string
  readonly condition: Condition | null
  readonly cause: EventFragment | null
  /** At or before the cause; not of labels or annotations. */
  readonly lastChange: EventFragment | null
  readonly advice: string | null
  readonly events: readonly EventFragment[]
  readonly summary: string
}

export const lastEpisode = (intervals: readonly Interval[]): readonly Interval[] => {
  const isTrue = intervals.at(-1)?.status === 'True'
  const before = intervals.findLastIndex(({ status, reason }) => reason === ABSENT || (status === 'True') !== isTrue)
  return intervals.slice(before + 1)
}

const readySince = ({ conditions }: Explained): string =>
  conditions.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? ''

/** The present state may have begun earlier if the history was compacted. */
export const beganEarlier = (listener: Explained, intervals: readonly Interval[]): boolean =>
  intervals.length === 1 && readySince(listener) < (intervals[0] as Interval).from

const isAtOrBefore = (one: EventFragment, position: string): boolean => BigInt(one.position) <= BigInt(position)

const eventText = (event: EventFragment): string => {
  const change = changeText(event)
  return `${event.type} at position ${positionText(event.position)} by ${event.actor}${change === '' ? '' : ` (${change})`}`
}

const sentences = ({ listener, intervals }: Findings, since: string, last: Interval, rest: Partial<Explanation>) => {
  const { name, namespace } = listener.metadata
  const { condition, cause, lastChange } = rest
  const isTrue = last.status === 'True'
  return [
    `${listener.kind} ${name} in namespace ${namespace} ${isTrue ? 'is Ready' : `is not Ready (${last.status}, ${last.reason})`} since ${since}.`,
    condition && `${condition.type} is ${condition.status}: ${condition.message}.`,
    !isTrue &&
      last.from !== since &&
      !beganEarlier(listener, intervals) &&
      `The present reason holds since ${last.from}.`,
    beganEarlier(listener, intervals)
      ? `States are known from ${last.from} on: hark why --store names the event that began it.`
      : cause
        ? `It began with ${eventText(cause)}.`
        : 'No event of the listener began it.',
    lastChange && lastChange !== cause && `The last change before was ${eventText(lastChange)}.`,
    rest.advice,
  ]
    .filter(sentence => typeof sentence === 'string')
    .join(' ')
}

export const explain = (findings: Findings): Explanation => {
  const { listener, intervals, events, eventAt } = findings
  const episode = lastEpisode(intervals)
  const last = episode.at(-1) as Interval
  const isEarlier = beganEarlier(listener, intervals)
  const since = isEarlier ? readySince(listener) : (episode[0] as Interval).from
  const condition = last.status === 'True' ? null : (decisive(listener) ?? null)
  const cause = isEarlier ? null : (eventAt(last.position) ?? null)
  const isBefore = (event: EventFragment): boolean =>
    isEarlier ? event.time <= since : isAtOrBefore(event, last.position)
  const isChange = (event: EventFragment): boolean => !event.stream.startsWith('router-') && !isMetadataChange(event)
  const lastChange = events.findLast(event => isChange(event) && isBefore(event)) ?? null
  const from = lastChange?.position ?? last.position
  const behind = events.filter(event => !isAtOrBefore(event, from) || event === lastChange)
  const found = { condition, cause, lastChange, advice: condition === null ? null : advice(condition, listener) }
  return {
    listener: listener.metadata.name,
    namespace: listener.metadata.namespace,
    status: last.status,
    reason: last.reason,
    since,
    ...found,
    events: withCause(behind, cause),
    summary: sentences(findings, since, last, {
      ...found,
      lastChange: lastChange?.position === cause?.position ? null : lastChange,
    }),
  }
}

const withCause = (events: readonly EventFragment[], cause: EventFragment | null): readonly EventFragment[] =>
  cause === null || events.some(({ position }) => position === cause.position)
    ? events
    : [...events, cause].sort((a, b) => Number(BigInt(a.position) - BigInt(b.position)))
