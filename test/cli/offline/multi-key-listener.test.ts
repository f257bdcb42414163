import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { DomainEvent } from '../../../schemas/events/events.ts'
import { NO_STREAM } from '../../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../../src/event-store/sqlite/store.ts'
import { BACKEND } from '../../support/domain/event-builders.ts'
import { multiKeyListenerSpec } from '../../support/domain/specs.ts'
import { recorded, timeAt } from '../../support/projections/recorded.ts'
import {
  connectorGone,
  connectorSeen,
  routerAttached,
  routerConnected,
} from '../../support/projections/router-facts.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { runInProcess } from '../hark.ts'

const spec = multiKeyListenerSpec()
const opened = { type: 'MultiKeyListenerOpened', data: { ...BACKEND, generation: 1 } } satisfies DomainEvent

/** One event per second. */
const LOG = recorded([
  routerAttached(),
  routerConnected(),
  { type: 'MultiKeyListenerCreated', data: { ...BACKEND, spec } },
  { type: 'MultiKeyListenerLabelsUpdated', data: { ...BACKEND, labels: { tier: 'web' }, previous: {} } },
  connectorSeen('c1', { routingKey: 'north' }),
  opened,
  connectorGone('c1'),
  { type: 'MultiKeyListenerDeleted', data: BACKEND },
])
const [CREATED, LABELLED, SEEN, OPENED, GONE, DELETED] = [2, 3, 4, 5, 6, 7] as const

describe('MultiKeyListeners of a store', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  const positions: number[] = []

  const hark = async (...args: string[]): Promise<string> => {
    const where = ['-n', 'west', '--store', `sqlite:${join(folder.path, 'events.db')}`]
    const { status, stdout, stderr } = await runInProcess([...args, ...where])
    assert.equal(status, 0, stderr)
    return stdout
  }

  before(async () => {
    folder = await scratchFolder()
    const store = openSqliteEventStore({ file: join(folder.path, 'events.db') })
    for (const { stream, revision, id, type, time, data, metadata } of LOG) {
      const expected = revision === 0 ? NO_STREAM : revision - 1
      const { position } = await store.append(stream, expected, [{ id, type, time, data, metadata }])
      positions.push(position)
    }
    await store.close()
  })
  after(() => folder[Symbol.asyncDispose]())

  it('have a reason, an event and advice in hark why', async () => {
    const [summary] = (await hark('why', 'mkl', 'backend', '--at', timeAt(GONE))).split('\n')
    assert.equal(
      summary,
      [
        `MultiKeyListener backend in namespace west is not Ready (False, Pending) since ${timeAt(GONE)}.`,
        'Operational is False: Not operational.',
        `It began with ConnectorGone at position ${positions[GONE]} by alice.`,
        `The last change before was MultiKeyListenerCreated at position ${positions[CREATED]} by alice (routing keys east,north, backend:8080).`,
        'Create a connector with one of the routing keys east,north at any site, or check the links to the site that has one.',
      ].join(' '),
    )
  })

  it('are Ready in hark why, by the event that opened them', async () => {
    const found = JSON.parse(await hark('why', 'multikeylistener/backend', '--at', timeAt(OPENED), '-o', 'json'))
    assert.deepEqual([found.status, found.cause.type, found.advice], ['True', 'MultiKeyListenerOpened', null])
  })

  it('have their latest change other than of labels in hark why', async () => {
    const found = JSON.parse(await hark('why', 'mkl', 'backend', '--at', timeAt(OPENED), '-o', 'json'))
    assert.equal(found.lastChange?.type, 'MultiKeyListenerCreated')
  })

  it('are named as deleted in hark why', async () => {
    const [summary] = (await hark('why', 'multikeylistener', 'backend')).split('\n')
    assert.equal(
      summary,
      `MultiKeyListener backend in namespace west was deleted at ${timeAt(DELETED)} by alice (position ${positions[DELETED]}).`,
    )
  })

  const positionsOf = async (...command: string[]): Promise<number[]> => {
    const changes: { readonly event: { readonly position: string } }[] = JSON.parse(
      await hark(...command, '-o', 'json'),
    )
    return changes.map(({ event }) => Number(event.position))
  }

  it('are replayed with their own changes only', async () => {
    const own = [CREATED, LABELLED, SEEN, OPENED, GONE, DELETED].map(place => positions[place])
    assert.deepEqual(await positionsOf('replay', 'mkl', 'backend'), own)
    assert.deepEqual(await positionsOf('replay'), own)
    assert.deepEqual(await positionsOf('replay', 'mkl', 'back'), [])
    assert.deepEqual(await positionsOf('replay', '--listener', 'backend'), [])
  })

  it('are replayed with spec, status and the entities of the router', async () => {
    const at = ['--from', String(positions[CREATED]), '--to', String(positions[SEEN])]
    const text = await hark('replay', 'multikeylistener/backend', ...at)
    assert.match(text, /^ {2}multikeylistener backend \(new\)$/m)
    assert.match(text, /^ {4}\+ routing keys: east,north$/m)
    assert.match(text, /^ {4}tcpListener multiAddress\/backend \(new\)$/m)
    assert.match(text, /^ {4}listenerAddress backend\/north \(new\)$/m)
    assert.match(text, /^ {4}- reachable routing keys: $/m)
    assert.match(text, /^ {4}\+ reachable routing keys: north$/m)
  })

  it('are compared at two moments', async () => {
    const text = await hark('diff', '--from', String(positions[LABELLED]), '--to', String(positions[OPENED]))
    assert.match(text, /^multikeylistener backend$/m)
    assert.match(text, /^ {2}\+ has destination: true$/m)
  })

  for (const [where, place] of [
    ['ready=True', OPENED],
    ['operational=True', SEEN],
    ['hasDestination=true', SEEN],
    ['routingKeysReachable=north', SEEN],
    ['routingKeys=east,north', CREATED],
    ['generation>=1', CREATED],
    ['exists=false', DELETED],
  ] as const)
    it(`are bisected by ${where}`, async () => {
      const from = where.startsWith('exists') ? ['--from', String(positions[CREATED])] : []
      const found = JSON.parse(await hark('bisect', 'mkl/backend', '--where', where, ...from, '-o', 'json'))
      assert.equal(Number(found.event.position), positions[place])
    })

  it('have no field of listeners in hark bisect', async () => {
    const { status, stderr } = await runInProcess(['bisect', 'mkl', 'backend', '--where', 'matched=False'])
    assert.equal(status, 2)
    assert.match(stderr, /a multikeylistener has no matched: its fields are configured, operational, ready, /)
  })

  it('have a timeline of each condition', async () => {
    const statuses = async (condition: string) => {
      const command = ['timeline', 'multikeylistener', 'backend', '--condition', condition, '-o', 'json']
      const { intervals } = JSON.parse(await hark(...command, '--to', String(positions[GONE])))
      return intervals.map(({ status, position }: { status: string; position: string }) => [status, Number(position)])
    }
    assert.deepEqual(await statuses('Operational'), [
      ['False', positions[CREATED]],
      ['True', positions[CREATED + 2]],
      ['False', positions[GONE]],
    ])
    assert.deepEqual(await statuses('Ready'), [
      ['False', positions[CREATED]],
      ['True', positions[OPENED]],
      ['False', positions[GONE]],
    ])
  })
})
