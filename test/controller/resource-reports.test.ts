import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConnectorRow } from '../../projections/connector-status.ts'
import type { ListenerRow } from '../../projections/listener-status.ts'
import type { RouterReport } from '../../projections/shared/match-status.ts'
import type { RouterEvent } from '../../schemas/events/events.ts'
import { entityName, type ResourceId } from '../../schemas/router-entities.ts'
import type { BundleFolder } from '../../src/controller/certificates/bundle-folder.ts'
import type { EntityState } from '../../src/controller/entities/entity-record.ts'
import type { FindPortHolder, PortHolder } from '../../src/controller/port-holders/port-holder.ts'
import { EndpointIndex } from '../../src/controller/reports/endpoint-index.ts'
import { ResourceReports } from '../../src/controller/reports/resource-reports.ts'
import type { SiteState } from '../../src/controller/site-state.ts'
import { VanflowNetwork } from '../../src/router/vanflow/network.ts'
import { listenerSpec } from '../support/domain/specs.ts'
import { eventually } from '../support/eventually.ts'

const OPEN_TIMEOUT_MS = 12_000
const SUBJECT = { namespace: 'west', name: 'backend', uid: 'u', generation: 2 }
const IN_SYNC: EntityState = { inSync: true, socket: 'closed' }

const connector = (router?: RouterReport, tlsCredentials?: string): ConnectorRow =>
  ({
    ...SUBJECT,
    spec: { routingKey: 'backend', ...(tlsCredentials && { tlsCredentials }) },
    ...(router && { router }),
  }) as ConnectorRow

const listener = (router?: RouterReport): ListenerRow =>
  ({
    ...SUBJECT,
    spec: listenerSpec({ routingKey: 'backend', host: 'backend', port: 8080 }),
    hasMatchingConnector: true,
    ...(router && { router }),
  }) as ListenerRow

const report = (state: RouterReport['state'], message = 'OK', generation = 2): RouterReport => ({
  state,
  message,
  generation,
})

const namesOf = (resources: readonly ResourceId[]): string[] =>
  resources.map(({ kind, name }) => entityName(kind, name))

const messageOf = (event: RouterEvent | undefined): unknown => event && 'message' in event.data && event.data.message

interface Surroundings {
  readonly listeners?: ListenerRow[]
  readonly connectors?: ConnectorRow[]
  readonly findPortHolder?: FindPortHolder
}

const setUp = (entity: EntityState, rows: Surroundings = {}) => {
  let now = 0
  let current = entity
  let fault: string | undefined
  let conflict: string | undefined
  const changed: ResourceId[] = []
  const network = new VanflowNetwork(0)
  const site: Partial<SiteState> = {
    namespace: 'west',
    connection: () => undefined,
    resources: () => [
      ...(rows.listeners ?? []).map(row => ({ kind: 'Listener', row }) as const),
      ...(rows.connectors ?? []).map(row => ({ kind: 'Connector', row }) as const),
    ],
    targetsOf: () => [],
    exposing: () => [],
  }
  const reports = new ResourceReports({
    site: site as SiteState,
    entities: { state: () => current },
    network,
    index: new EndpointIndex(network),
    bundles: { fault: () => fault } as unknown as BundleFolder,
    conflict: {
      yields: () => conflict !== undefined,
      get message() {
        return conflict
      },
    },
    clock: { now: () => now, setTimeout: () => ({ cancel: () => undefined }) },
    isAlone: () => false,
    findPortHolder: rows.findPortHolder,
    openTimeoutMs: OPEN_TIMEOUT_MS,
    onChange: resource => changed.push(resource),
  })
  return {
    reports,
    changed,
    become: (state: EntityState) => {
      current = state
    },
    contested: (message: string) => {
      conflict = message
    },
    unfit: (message: string) => {
      fault = message
    },
    pass: (ms: number) => {
      now += ms
    },
  }
}

describe('ResourceReports.event', () => {
  it('reports a connector as accepted once for each generation', () => {
    const { reports } = setUp(IN_SYNC)
    assert.deepEqual(reports.event('Connector', connector()), { type: 'ConnectorAccepted', data: SUBJECT })
    assert.equal(reports.event('Connector', connector(report('accepted'))), undefined)
    assert.equal(reports.event('Connector', connector(report('accepted', 'OK', 1)))?.type, 'ConnectorAccepted')
    assert.equal(reports.event('Connector', connector(report('refused', 'no')))?.type, 'ConnectorAccepted')
  })

  it('reports a refusal once for each message', () => {
    const { reports } = setUp({ inSync: false, socket: 'closed', refusal: 'no profile' })
    const data = { ...SUBJECT, message: 'no profile' }
    assert.deepEqual(reports.event('Connector', connector()), { type: 'ConnectorRefused', data })
    assert.equal(reports.event('Connector', connector(report('refused', 'no profile'))), undefined)
    assert.deepEqual(reports.event('Connector', connector(report('refused', 'another'))), {
      type: 'ConnectorRefused',
      data,
    })
    assert.deepEqual(reports.event('Connector', connector(report('unfit', 'no profile'))), {
      type: 'ConnectorRefused',
      data,
    })
  })

  it('reports unfit credentials before anything else, once for each message', () => {
    const { reports, unfit } = setUp(IN_SYNC)
    unfit('tls.crt is missing')
    const data = { ...SUBJECT, message: 'tls.crt is missing' }
    assert.deepEqual(reports.event('Connector', connector(undefined, 'tls')), {
      type: 'ConnectorCredentialsUnfit',
      data,
    })
    assert.equal(reports.event('Connector', connector(report('unfit', 'tls.crt is missing'), 'tls')), undefined)
    assert.equal(reports.event('Connector', connector())?.type, 'ConnectorAccepted')
  })

  it('reports a drift until it is corrected, and with who contests the router', () => {
    const { reports, become, contested } = setUp({ inSync: false, socket: 'closed' })
    assert.equal(reports.event('Connector', connector()), undefined)
    reports.addDrift('connector/backend', 'port is 1, not 2')
    const data = { ...SUBJECT, message: 'port is 1, not 2' }
    assert.deepEqual(reports.event('Connector', connector()), { type: 'ConnectorDrifted', data })
    assert.equal(reports.event('Connector', connector(report('drifted', 'port is 1, not 2'))), undefined)
    contested('Another Hark')
    assert.equal(messageOf(reports.event('Connector', connector())), 'Another Hark. port is 1, not 2')
    become(IN_SYNC)
    reports.event('Connector', connector(report('accepted')))
    become({ inSync: false, socket: 'closed' })
    assert.equal(messageOf(reports.event('Connector', connector())), 'Another Hark')
  })
})

describe('ResourceReports.report', () => {
  it('measures how long a socket is undecided from the first time that it is', () => {
    const { reports, pass } = setUp(IN_SYNC)
    assert.equal(reports.report('Listener', listener()), 'undecided')
    assert.deepEqual(namesOf(reports.undecided), ['listener/backend'])
    // Its connector is not seen on the network: twice the timeout.
    pass(OPEN_TIMEOUT_MS)
    assert.equal(reports.report('Listener', listener()), 'undecided')
    pass(OPEN_TIMEOUT_MS)
    assert.deepEqual(reports.report('Listener', listener()), {
      state: 'failed',
      message: 'The router has not opened backend:8080',
    })
    assert.deepEqual(reports.undecided, [])
  })

  it('starts again once the socket was decided, or the listener forgotten', () => {
    const { reports, pass, become } = setUp(IN_SYNC)
    reports.report('Listener', listener())
    pass(2 * OPEN_TIMEOUT_MS)
    become({ inSync: true, socket: 'open' })
    assert.equal((reports.report('Listener', listener()) as { state: string }).state, 'opened')
    become(IN_SYNC)
    assert.equal(reports.report('Listener', listener()), 'undecided')
    reports.remove({ kind: 'Listener', name: 'backend' })
    assert.deepEqual(reports.undecided, [])
  })
})

describe('ResourceReports after a reconnection', () => {
  const lost: EntityState = { inSync: false, socket: 'closed' }
  const accepted = report('accepted')

  it('corrects what the log has and the router lacks', () => {
    const rows = { listeners: [listener(accepted)], connectors: [connector(accepted)] }
    const { reports, become } = setUp(lost, rows)
    assert.deepEqual(
      reports.corrections().map(({ type }) => type),
      ['ListenerDrifted', 'ConnectorDrifted'],
    )
    become({ inSync: true, socket: 'open' })
    assert.deepEqual(
      reports.corrections().map(({ type }) => type),
      ['ListenerOpened'],
    )
  })

  it('corrects nothing that the log does not claim for this generation', () => {
    const old = report('accepted', 'OK', 1)
    const { reports } = setUp(lost, { listeners: [listener(old)], connectors: [connector(old)] })
    assert.deepEqual(reports.corrections(), [])
    assert.deepEqual(setUp(lost, { listeners: [listener()], connectors: [connector()] }).reports.corrections(), [])
  })

  it('reports what the router still lacks at the end of the grace period', () => {
    const rows = { listeners: [listener(accepted)], connectors: [connector(accepted)] }
    const { reports } = setUp(lost, rows)
    reports.beginSuppression()
    assert.equal(reports.report('Listener', listener(accepted)), undefined)
    assert.deepEqual(new Set(namesOf(reports.endSuppression())), new Set(['listener/backend', 'connector/backend']))
    assert.equal((reports.report('Listener', listener(accepted)) as { state: string }).state, 'drifted')
    assert.equal(reports.event('Connector', connector(accepted))?.type, 'ConnectorDrifted')
  })

  it('reports no drift if the router has everything again', () => {
    const { reports, become } = setUp(lost, { listeners: [listener(accepted)], connectors: [connector(accepted)] })
    reports.beginSuppression()
    become({ inSync: true, socket: 'open' })
    assert.deepEqual(namesOf(reports.endSuppression()), ['listener/backend', 'connector/backend'])
    assert.equal(reports.event('Connector', connector(accepted)), undefined)
    assert.equal((reports.report('Listener', listener(accepted)) as { state: string }).state, 'opened')
  })
})

describe('ResourceReports.report', () => {
  it('is undecided while the process that holds an address is searched', async () => {
    const holder = Promise.withResolvers<PortHolder>()
    const { reports, changed } = setUp(
      { inSync: true, socket: 'failed', message: 'Address already in use - listen on backend:8080' },
      { findPortHolder: () => holder.promise },
    )
    assert.equal(reports.report('Listener', listener()), 'undecided')
    assert.equal(reports.event('Listener', listener()), undefined)
    holder.resolve({ name: 'nginx', pid: 7 })
    await eventually(() => changed.length > 0)
    assert.deepEqual(namesOf(changed), ['listener/backend'])
    const message = 'Address already in use - listen on backend:8080 (held by nginx, process 7)'
    assert.equal(messageOf(reports.event('Listener', listener())), message)
    reports.remove({ kind: 'Listener', name: 'backend' })
    assert.equal(reports.report('Listener', listener()), 'undecided')
  })
})
