import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { connectorStatus } from '../../../projections/connector-status.ts'
import { emptyTables, type Projection } from '../../../projections/kit/projection.ts'
import { listenerStatus } from '../../../projections/listener-status.ts'
import { sites } from '../../../projections/sites.ts'
import {
  connectorCreated,
  hostUpdated,
  listenerCreated,
  listenerDeleted,
  portUpdated,
  siteCreated,
} from '../../support/domain/event-builders.ts'
import { type EventInput, fold, positionAt, recorded } from '../../support/projections/recorded.ts'

/** The command results that the last event adds; their rows are on disk only. */
const answersOf = <Rows extends { readonly commandResults: unknown }>(
  projection: Projection<Rows>,
  ...events: readonly EventInput[]
) => {
  const log = recorded(events)
  const tables = fold(projection, log.slice(0, -1), emptyTables(projection))
  const changes = projection.project(tables, log.at(-1)!).filter(({ table }) => table === 'commandResults')
  return changes.map(({ key, after }) => [key, after as Rows['commandResults']] as const)
}

const commanded = (event: EventInput, commandId = 'command-1'): EventInput => ({ ...event, commandId })

describe('recorded command results', () => {
  it('contain the resource after the command', () => {
    const [answer, ...others] = answersOf(listenerStatus, listenerCreated(), commanded(portUpdated(2, 8080, 9090)))
    assert.deepEqual(others, [])
    assert.equal(answer?.[0], 'command-1')
    const { row, ...rest } = answer[1]
    assert.deepEqual(rest, {
      stream: 'listener-west.backend',
      position: positionAt(1),
      eventType: 'PortUpdated',
      uid: 'uid-1',
    })
    assert.equal(row?.spec.port, 9090)
    assert.equal(row?.generation, 2)
  })

  it('contain the last of several events', () => {
    const [answer] = answersOf(
      listenerStatus,
      listenerCreated(),
      commanded(hostUpdated(2, 'backend', 'api')),
      commanded(portUpdated(2, 8080, 9090)),
    )
    assert.equal(answer?.[1].eventType, 'PortUpdated')
    assert.equal(answer?.[1].row?.spec.host, 'api')
  })

  it('contain no resource after its deletion', () => {
    const [answer] = answersOf(listenerStatus, listenerCreated(), commanded(listenerDeleted()))
    assert.deepEqual(answer?.[1], {
      stream: 'listener-west.backend',
      position: positionAt(1),
      eventType: 'ListenerDeleted',
      uid: 'uid-1',
    })
  })

  it('are not recorded without a commandId', () => {
    assert.deepEqual(answersOf(listenerStatus, listenerCreated()), [])
    assert.deepEqual(answersOf(connectorStatus, connectorCreated()), [])
    assert.deepEqual(answersOf(sites, siteCreated()), [])
  })

  it('are recorded by the projection of their kind alone', () => {
    assert.equal(answersOf(connectorStatus, commanded(connectorCreated())).length, 1)
    assert.equal(answersOf(sites, commanded(siteCreated())).length, 1)
    assert.deepEqual(answersOf(listenerStatus, commanded(connectorCreated())), [])
    assert.deepEqual(answersOf(connectorStatus, commanded(listenerCreated())), [])
    assert.deepEqual(answersOf(sites, commanded(listenerCreated())), [])
  })
})
