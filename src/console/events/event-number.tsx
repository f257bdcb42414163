import { type EventFragment, EventNumbersDocument } from '../api/generated.ts'
import { useQuery } from '../api/use-query.ts'
import { head } from '../time/log.ts'
import type { Subject } from './describe-event.ts'
import { isAbout, scopeOf } from './event-scope.ts'

const MOST = 1000

interface Properties {
  readonly subject: Subject
  readonly event: EventFragment
}

/** Which event of a resource it is; nothing if there are more than can be counted. */
export const EventNumber = ({ subject, event }: Properties) => {
  const { data } = useQuery(EventNumbersDocument, { ...scopeOf(subject), last: MOST }, head.value).value
  if (data === undefined || data.events.pageInfo.hasPreviousPage) return null
  const own = data.events.edges.filter(({ node }) => isAbout(node, subject))
  const index = own.findIndex(({ node }) => node.position === event.position)
  return index < 0 ? null : (
    <span class="event-number">
      Event {index + 1} of {own.length}
    </span>
  )
}
