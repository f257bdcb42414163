import { useEffect, useRef } from 'preact/hooks'
import {
  ConnectorDetailDocument,
  type EventFragment,
  ListenerDetailDocument,
  MultiKeyListenerDetailDocument,
} from '../api/generated.ts'
import { request } from '../api/request.ts'
import { useLoad } from '../api/use-query.ts'
import { AsOf } from '../components/as-of.tsx'
import { usePanelFocus } from '../components/focus.ts'
import { StatusBadge } from '../components/status.tsx'
import { TimeText } from '../components/time-text.tsx'
import type { LaneStatus } from '../lanes/lane.ts'
import { at, hrefOf } from '../routes/navigation.ts'
import { hasPage, momentOf, resourcePath, sitePath } from '../routes/route.ts'
import { version } from '../time/log.ts'
import { stepThrough } from '../timebar/keyboard.ts'
import { StepButtons } from '../timebar/step-buttons.tsx'
import { causeHref } from './cause-link.ts'
import { CurrentSpan } from './current-span.tsx'
import { describeEvent, isCommand, messageOf, type Subject } from './describe-event.ts'
import { EventActor, EventChange, EventSummary } from './event-change.tsx'
import { EventList, LaterNote } from './event-list.tsx'
import { EventNumber } from './event-number.tsx'
import { scopeOf } from './event-scope.ts'
import { useResourceEvents } from './resource-events.ts'
import { newStatusesOf, type StatusChanges } from './status-changes.ts'

interface State {
  readonly spec: { readonly port: number }
  readonly status: { readonly laneStatus: LaneStatus; readonly message: string }
}

const useSubjectState = ({ kind, namespace, name }: Subject) => {
  const moment = momentOf(at.value)
  return useLoad(`${kind}/${namespace}/${name} ${at.value}`, version.value, async (stop): Promise<State | null> => {
    const variables = { namespace, name, ...(moment && { at: moment }) }
    if (kind === 'Listener') return (await request(ListenerDetailDocument, variables, stop)).listener
    if (kind === 'Connector') return (await request(ConnectorDetailDocument, variables, stop)).connector
    if (kind === 'MultiKeyListener')
      return (await request(MultiKeyListenerDetailDocument, variables, stop)).multiKeyListener
    return null
  })
}

const commandBefore = (events: readonly EventFragment[], current: EventFragment): EventFragment | undefined =>
  isCommand(current) ? undefined : events.findLast(event => event.position < current.position && isCommand(event))

const Cause = ({ command }: { readonly command: EventFragment }) => (
  <section>
    <h3>Last change before</h3>
    <p>
      {describeEvent(command)} <EventActor event={command} />
    </p>
    <p class="soft">
      <TimeText time={command.time} />
    </p>
  </section>
)

interface HeadingProperties {
  readonly subject: Subject
  readonly latestMessage: string | undefined
  readonly changes: StatusChanges | undefined
  readonly onClose: () => void
}

const Heading = ({ subject, latestMessage, changes, onClose }: HeadingProperties) => {
  const { kind, namespace, name } = subject
  const { data: state } = useSubjectState(subject).value
  const pageKind = hasPage(kind) ? kind : undefined
  const page = pageKind ? resourcePath(pageKind, namespace, name) : sitePath(namespace)
  return (
    <header class="panel-head">
      <div>
        <p class="soft">
          {kind} in {namespace}
          {state && `, port ${state.spec.port}`}
        </p>
        <h2>{name}</h2>
        {pageKind !== undefined && state !== undefined && (
          <p class="panel-status">
            <StatusBadge status={state?.status.laneStatus} />
            <AsOf />
            {state && <CurrentSpan status={state.status.laneStatus} changes={changes} />}
            {state?.status.laneStatus !== 'Ready' && state?.status.message !== latestMessage && state?.status.message}
          </p>
        )}
      </div>
      <button type="button" class="quiet" aria-label="Close" title="Close (Escape)" onClick={onClose}>
        ✕
      </button>
      <p class="panel-links">
        <a href={hrefOf(page)}>{pageKind ? 'Whole history' : 'The site'}</a>
        {(kind === 'Listener' || kind === 'MultiKeyListener') && (
          <a href={causeHref(kind, namespace, name)}>What broke it?</a>
        )}
      </p>
    </header>
  )
}

export const ResourcePanel = ({ subject, onClose }: { readonly subject: Subject; readonly onClose: () => void }) => {
  const { kind, namespace, name } = subject
  const { data, error } = useResourceEvents(subject)
  const panel = useRef<HTMLElement>(null)
  usePanelFocus(panel, onClose)
  useEffect(() => stepThrough(scopeOf(subject)), [kind, namespace, name])
  const current = data?.current
  const changes = data?.changes
  const command = data && current && commandBefore(data.events, current)
  return (
    <aside class="panel" ref={panel} aria-label={`${kind} ${name}`}>
      <Heading subject={subject} latestMessage={current && messageOf(current)} changes={changes} onClose={onClose} />
      {error && <p class="notice">{error.message}</p>}
      {current && (
        <section>
          <EventSummary event={current} />
        </section>
      )}
      {command && <Cause command={command} />}
      <div class="stepping">
        <StepButtons isLast={data?.isLast === true} />
        {current && <EventNumber subject={subject} event={current} />}
      </div>
      {current && (
        <section>
          <h3>What it changed</h3>
          <EventChange subject={subject} event={current} />
        </section>
      )}
      {data && (
        <section>
          <h3>Events</h3>
          <LaterNote {...data} />
          <EventList {...data} newStatusOf={changes && newStatusesOf(changes)} />
        </section>
      )}
    </aside>
  )
}
