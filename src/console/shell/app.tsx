import { useSignal, useSignalEffect } from '@preact/signals'
import type { ComponentType } from 'preact'
import { ApiError } from '../api/request.ts'
import { isTokenRequired, token } from '../api/session.ts'
import { AuditPage } from '../audit/audit-page.tsx'
import { ResourcePanel } from '../events/resource-panel.tsx'
import { LanesPage } from '../lanes/lanes-page.tsx'
import { closeLane, selectedLane } from '../lanes/selection.ts'
import { NetworkPage } from '../network/network-page.tsx'
import { ConnectorPage } from '../resources/connector-page.tsx'
import { ConnectorsPage } from '../resources/connectors-page.tsx'
import { ListenerPage } from '../resources/listener-page.tsx'
import { ListenersPage } from '../resources/listeners-page.tsx'
import { MultiKeyListenerPage } from '../resources/multi-key-listener-page.tsx'
import type { ResourceName } from '../resources/resource-detail.tsx'
import { route } from '../routes/navigation.ts'
import type { PageKind, Route } from '../routes/route.ts'
import { titleOf } from '../routes/title.ts'
import { SitePage } from '../sites/site-page.tsx'
import { SitesPage } from '../sites/sites-page.tsx'
import { KeysDialog } from '../timebar/keys-dialog.tsx'
import { TimeBar } from '../timebar/time-bar.tsx'
import { goLive } from './live.ts'
import { LoginPage } from './login-page.tsx'
import { Masthead } from './masthead.tsx'
import { SkipLinks } from './skip-links.tsx'

const RETRY_MS = 1000

const NotFound = () => (
  <main class="page" id="main">
    <h1>No such page</h1>
    <p>
      The <a href="/">timeline</a> shows everything that is recorded.
    </p>
  </main>
)

const PAGES: Readonly<Record<Exclude<Route['page'], 'resource' | 'site'>, ComponentType>> = {
  lanes: LanesPage,
  network: NetworkPage,
  listeners: ListenersPage,
  connectors: ConnectorsPage,
  sites: SitesPage,
  audit: AuditPage,
  login: LoginPage,
  unknown: NotFound,
}

const DETAILS: Readonly<Record<PageKind, ComponentType<ResourceName>>> = {
  Listener: ListenerPage,
  Connector: ConnectorPage,
  MultiKeyListener: MultiKeyListenerPage,
}

const Page = () => {
  const current = route.value
  if (current.page === 'resource') {
    const { kind, namespace, name } = current
    const Detail = DETAILS[kind]
    return <Detail key={`${kind}/${namespace}/${name}`} namespace={namespace} name={name} />
  }
  if (current.page === 'site') return <SitePage key={current.namespace} namespace={current.namespace} />
  const Current = PAGES[current.page]
  return <Current />
}

const useConnection = () => {
  const isReady = useSignal(false)
  const error = useSignal<ApiError | undefined>(undefined)
  useSignalEffect(() => {
    // Runs again for another token, and when the same one is given again after a rejection.
    void token.value
    isReady.value = false
    error.value = undefined
    if (isTokenRequired.value) return undefined
    const stop = new AbortController()
    let retry: ReturnType<typeof setTimeout> | undefined
    const connect = async (): Promise<void> => {
      try {
        await goLive(stop.signal)
        error.value = undefined
        isReady.value = true
      } catch (cause) {
        if (stop.signal.aborted) return
        error.value = cause instanceof ApiError ? cause : new ApiError(String(cause), 'INTERNAL')
        if (error.value.code !== 'UNAUTHENTICATED') retry = setTimeout(connect, RETRY_MS)
      }
    }
    void connect()
    return () => {
      clearTimeout(retry)
      stop.abort()
    }
  })
  return { isReady, error }
}

export const App = () => {
  const { isReady, error } = useConnection()
  useSignalEffect(() => {
    document.title = titleOf(route.value)
  })
  if (isTokenRequired.value) return <LoginPage />
  if (!isReady.value)
    return (
      <main class="page" id="main">
        <p class="empty" role="status">
          {error.value === undefined ? 'Connecting…' : `${error.value.message}. Trying again…`}
        </p>
      </main>
    )
  const lane = selectedLane.value
  return (
    <div class="shell" data-panel={lane !== undefined || undefined}>
      <SkipLinks />
      <Masthead />
      <Page />
      {lane && <ResourcePanel key={`${lane.kind}/${lane.namespace}/${lane.name}`} subject={lane} onClose={closeLane} />}
      <TimeBar />
      <KeysDialog />
    </div>
  )
}
