import { messageOf } from '../events/describe-event.ts'

interface EventLike {
  readonly position: string
  readonly time: string
  readonly type: string
  readonly stream: string
  readonly data: unknown
}

interface Events<Event> {
  readonly events: readonly Event[]
  readonly current: Event | undefined
}

/** The latest up to the current event. */
export const reportOf = <Event extends EventLike>(
  { message }: { readonly message: string },
  { events, current }: Events<Event>,
): Event | undefined =>
  current && events.findLast(event => event.position <= current.position && messageOf(event) === message)
