import { useEffect, useRef } from 'preact/hooks'
import { signOut, token } from '../api/session.ts'
import { connection } from '../api/subscription.ts'
import { namespacesWith, viewer } from '../api/viewer.ts'
import { hrefOf, route } from '../routes/navigation.ts'
import type { PageKind, Route } from '../routes/route.ts'
import { now } from '../time/clock.ts'
import { zoneName } from '../time/format-time.ts'
import { isPast, setZone, zone } from '../time/log.ts'
import type { TimeZone } from '../time/time-zone.ts'
import { Past } from './past.tsx'

interface Place {
  readonly path: string
  readonly words: string
  readonly page: Route['page']
  /** The page of one of them. */
  readonly single?: Route['page']
  /** Those whose pages are reached from here. */
  readonly kinds?: readonly PageKind[]
}

const PLACES: readonly Place[] = [
  { path: '/', words: 'Timeline', page: 'lanes' },
  { path: '/network', words: 'Network', page: 'network' },
  { path: '/listeners', words: 'Listeners', page: 'listeners', kinds: ['Listener', 'MultiKeyListener'] },
  { path: '/connectors', words: 'Connectors', page: 'connectors', kinds: ['Connector'] },
  { path: '/sites', words: 'Sites', page: 'sites', single: 'site' },
]
const AUDIT: Place = { path: '/audit', words: 'Audit', page: 'audit' }

const isAt = ({ page, single, kinds }: Omit<Place, 'path' | 'words'>, current: Route): boolean =>
  current.page === 'resource'
    ? kinds?.includes(current.kind) === true
    : current.page === page || current.page === single

const Logo = () => (
  <svg viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="7" fill="#1f3a5f" />
    <path d="M7 11h18M7 21h18" stroke="#fff" stroke-width="3.4" stroke-linecap="round" opacity=".38" />
    <path d="M7 11h8M19 21h6" stroke="#fff" stroke-width="3.4" stroke-linecap="round" />
    <path d="M17 5v22" stroke="#ffb547" stroke-width="2.4" stroke-linecap="round" />
  </svg>
)

const Places = () => {
  const list = useRef<HTMLElement>(null)
  const current = route.value
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [current])
  const mayAudit = namespacesWith('audit')?.length !== 0
  return (
    <nav class="places" aria-label="Places" ref={list}>
      <ul>
        {[...PLACES, ...(mayAudit ? [AUDIT] : [])].map(({ path, words, ...place }) => (
          <li key={path}>
            <a href={hrefOf(path)} aria-current={isAt(place, current) ? 'page' : undefined}>
              {words}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

const CONNECTION = { connecting: 'Connecting…', open: 'Connected', lost: 'Connection lost. Reconnecting…' }

const Connection = () => (
  <span class="connection" role="status" data-state={connection.value}>
    <i aria-hidden="true" />
    {CONNECTION[connection.value]}
  </span>
)

const ZoneChoice = () => (
  <label class="zone">
    <span class="zone-words">Times in</span>
    <select
      aria-label="Zone of times"
      value={zone.value}
      onChange={event => setZone(event.currentTarget.value as TimeZone)}
    >
      <option value="utc">UTC</option>
      <option value="local">local {zoneName(now.value, 'local')}</option>
    </select>
  </label>
)

export const Masthead = () => (
  <header class="masthead" data-past={isPast.value || undefined}>
    <a class="brand" href={hrefOf('/')}>
      <Logo />
      Hark
    </a>
    <Places />
    <div class="masthead-end">
      <Past />
      <Connection />
      <ZoneChoice />
      {token.value !== undefined && (
        <button type="button" onClick={signOut} title={viewer.value?.roles.join(', ')}>
          Sign out {viewer.value?.name}
        </button>
      )}
    </div>
  </header>
)
