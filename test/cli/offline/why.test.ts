import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { NO_STREAM } from '../../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../../src/event-store/sqlite/store.ts'
import { listenerCreated, portUpdated } from '../../support/domain/event-builders.ts'
import { recorded, timeAt } from '../../support/projections/recorded.ts'
import {
  connectorGone,
  connectorSeen,
  listenerFailedToOpen,
  listenerOpened,
  listenerReached,
  routerAttached,
  routerConnected,
  routerUnobserved,
} from '../../support/projections/router-facts.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { runInProcess } from '../hark.ts'

const IN_USE = 'Address already in use - listen on backend:7070'
/** Reports that change nothing about Ready. */
const REACHED = 12

/** One event per second; the connector is gone in the millisecond in which the listener opens again. */
const LOG = recorded([
  routerAttached(),
  routerConnected(),
  listenerCreated({ port: 8080 }),
  connectorSeen('c1'),
  listenerOpened(1),
  portUpdated(2, 8080, 7070),
  listenerFailedToOpen(IN_USE, 2),
  listenerOpened(2),
  connectorGone('c1'),
  connectorSeen('c1'),
  ...Array.from({ length: REACHED }, () => listenerReached(2)),
  routerUnobserved(timeAt(10 + REACHED)),
])
const indexOf = (type: string): number => LOG.findIndex(event => event.type === type)
const [OPENED, MOVED, FAILED, GONE, UNOBSERVED] = [
  indexOf('ListenerOpened'),
  indexOf('PortUpdated'),
  indexOf('ListenerFailedToOpen'),
  indexOf('ConnectorGone'),
  indexOf('RouterUnobserved'),
] as const
const OPENED_AGAIN = GONE - 1

describe('hark why --at', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  const positions: number[] = []
  const file = () => join(folder.path, 'events.db')

  const hark = async (at: string, ...args: string[]): Promise<string> => {
    const command = ['why', 'listener', 'backend', '-n', 'west', '--at', at, '--store', `sqlite:${file()}`]
    const { status, stdout, stderr } = await runInProcess([...command, ...args])
    assert.equal(status, 0, stderr)
    return stdout
  }
  const why = async (at: string) => JSON.parse(await hark(at, '-o', 'json'))

  before(async () => {
    folder = await scratchFolder()
    const store = openSqliteEventStore({ file: file() })
    for (const { stream, revision, id, type, time, data, metadata } of LOG) {
      const expected = revision === 0 ? NO_STREAM : revision - 1
      const { position } = await store.append(stream, expected, [
        { id, type, time: type === 'ConnectorGone' ? timeAt(OPENED_AGAIN) : time, data, metadata },
      ])
      positions.push(position)
    }
    await store.close()
  })
  after(() => folder[Symbol.asyncDispose]())

  const moments = [
    { name: 'the position of an event', at: (index: number) => String(positions[index]) },
    { name: 'the time of an event', at: timeAt },
  ]
  for (const { name, at } of moments) {
    describe(name, () => {
      it('includes a ListenerOpened event', async () => {
        const { status, reason, condition, advice, cause, since } = await why(at(OPENED))
        assert.deepEqual([status, reason, condition, advice], ['True', 'Ready', null, null])
        assert.deepEqual(
          [cause.type, Number(cause.position), since],
          ['ListenerOpened', positions[OPENED], timeAt(OPENED)],
        )
      })

      it('includes a ListenerFailedToOpen event, with the message of the router', async () => {
        const { status, reason, condition, cause, lastChange, since } = await why(at(FAILED))
        assert.deepEqual([status, reason, condition.message], ['False', 'Error', IN_USE])
        assert.deepEqual([cause.type, Number(cause.position)], ['ListenerFailedToOpen', positions[FAILED]])
        assert.deepEqual([lastChange.type, since], ['PortUpdated', timeAt(MOVED)])
      })

      it('leaves out the event after it', async () => {
        const { reason, cause } = await why(at(FAILED - 1))
        assert.deepEqual([reason, cause.type], ['Pending', 'PortUpdated'])
      })
    })
  }

  it('leaves out a later event of the same millisecond at a position', async () => {
    const { status, cause } = await why(String(positions[OPENED_AGAIN]))
    assert.deepEqual([status, cause.type, Number(cause.position)], ['True', 'ListenerOpened', positions[OPENED_AGAIN]])
    const then = await why(timeAt(OPENED_AGAIN))
    assert.deepEqual([then.status, then.cause.type], ['False', 'ConnectorGone'])
  })

  it('prints a sentence for each finding', async () => {
    const [summary] = (await hark(timeAt(FAILED))).split('\n')
    assert.equal(
      summary,
      [
        `Listener backend in namespace west is not Ready (False, Error) since ${timeAt(MOVED)}.`,
        `Configured is False: ${IN_USE}.`,
        `The present reason holds since ${timeAt(FAILED)}.`,
        `It began with ListenerFailedToOpen at position ${positions[FAILED]} by alice (${IN_USE}).`,
        `The last change before was PortUpdated at position ${positions[MOVED]} by alice (port 8080 → 7070).`,
        'End what uses port 7070, or move the listener: hark update listener backend -n west --port PORT.',
      ].join(' '),
    )
  })

  it('prints no advice for a listener that is Ready', async () => {
    const [summary] = (await hark(timeAt(OPENED))).split('\n')
    assert.match(
      summary as string,
      /^Listener backend in namespace west is Ready since \S+Z\. It began with ListenerOpened at position \d+ by alice\. The last change before was ListenerCreated at position \d+ by alice \(routing key backend, \S+:8080\)\.$/,
    )
  })

  it('advises to watch the router if no engine observed it', async () => {
    const { status, reason, advice } = await why(timeAt(UNOBSERVED))
    assert.deepEqual([status, reason], ['Unknown', 'NotObserved'])
    assert.equal(advice, 'Start an engine that watches the router, or wait until it has seen it.')
  })

  it('prints ten events: the cause and the newest', async () => {
    const [, , , notice, , ...rows] = (await hark(timeAt(UNOBSERVED - 1))).trimEnd().split('\n')
    assert.equal(notice, `  10 of ${REACHED + 4}: the cause and the newest; hark history shows all`)
    const shown = rows.map(row => row.trim().split(/ +/)[1])
    const newest = positions.slice(UNOBSERVED - 9, UNOBSERVED)
    assert.deepEqual(shown.map(Number), [positions[GONE + 1], ...newest])
  })
})
