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
import { fold, positionAt, recorded, type Told } from '../../support/projections/recorded.ts'

/** What is to be answered to command ids, as the last event of these puts it: such rows go to disk and are not kept. */
const answersOf = <Rows extends { readonly answers: unknown }>(
  projection: Projection<Rows>,
  ...events: readonly Told[]
) => {
  const log = recorded(events)
  const tables = fold(projection, log.slice(0, -1), emptyTables(projection))
  const changes = projection.project(tables, log.at(-1)!).filter(({ table }) => table === 'answers')
  return changes.map(({ key, after }) => [key, after as Rows['answers']] as const)
}

const commanded = (event: Told, commandId = 'command-1'): Told => ({ ...event, commandId })

describe('the answer to a command that carries an id', () => {
  it('is kept with the resource as it was then', () => {
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

  it('is that of its last event, where it brought about several', () => {
    const [answer] = answersOf(
      listenerStatus,
      listenerCreated(),
      commanded(hostUpdated(2, 'backend', 'api')),
      commanded(portUpdated(2, 8080, 9090)),
    )
    assert.equal(answer?.[1].eventType, 'PortUpdated')
    assert.equal(answer?.[1].row?.spec.host, 'api')
  })

  it('has no resource where the command deleted it', () => {
    const [answer] = answersOf(listenerStatus, listenerCreated(), commanded(listenerDeleted()))
    assert.deepEqual(answer?.[1], {
      stream: 'listener-west.backend',
      position: positionAt(1),
      eventType: 'ListenerDeleted',
      uid: 'uid-1',
    })
  })

  it('is not kept where the command has none', () => {
    assert.deepEqual(answersOf(listenerStatus, listenerCreated()), [])
    assert.deepEqual(answersOf(connectorStatus, connectorCreated()), [])
    assert.deepEqual(answersOf(sites, siteCreated()), [])
  })

  it('is kept where commands of that kind of resource are answered, and there alone', () => {
    assert.equal(answersOf(connectorStatus, commanded(connectorCreated())).length, 1)
    assert.equal(answersOf(sites, commanded(siteCreated())).length, 1)
    assert.deepEqual(answersOf(listenerStatus, commanded(connectorCreated())), [])
    assert.deepEqual(answersOf(connectorStatus, commanded(listenerCreated())), [])
    assert.deepEqual(answersOf(sites, commanded(listenerCreated())), [])
  })
})
