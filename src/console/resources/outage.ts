interface ChangeLike<Event> {
  readonly event: Event
  readonly listeners: readonly {
    readonly name: string
    readonly after?: { readonly status: { readonly laneStatus: string } } | null
  }[]
}

interface Outage<Event> {
  readonly events: readonly Event[]
  /** Ready again, or deleted; undefined if none is among the changes. */
  readonly end: { readonly event: Event; readonly isReady: boolean } | undefined
}

/** What belongs to an outage of a listener: a later one has causes of its own. */
export const outageOf = <Event>(changes: readonly ChangeLike<Event>[], name: string): Outage<Event> => {
  const isEnd = ({ listeners }: ChangeLike<Event>): boolean =>
    listeners.some(
      listener => listener.name === name && (!listener.after || listener.after.status.laneStatus === 'Ready'),
    )
  const index = changes.findIndex(isEnd)
  const end = changes[index]
  return {
    events: changes.slice(0, index < 0 ? undefined : index + 1).map(({ event }) => event),
    end: end && {
      event: end.event,
      isReady: end.listeners.some(listener => listener.name === name && listener.after !== null),
    },
  }
}
