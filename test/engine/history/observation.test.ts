import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import type { EventType } from '../../../schemas/events/events.ts'
import { listenerStream, routerStream } from '../../../schemas/events/streams.ts'
import { schemaVersion } from '../../../schemas/events/upcast.ts'
import { NO_STREAM } from '../../../src/event-store/event-store.ts'
import { listenerSpec } from '../../support/domain/specs.ts'
import { TestEngine, until } from '../../support/test-engine.ts'

const uid = randomUUID()
const BACKEND = { namespace: 'west', name: 'backend', uid }

const at = (clock: string): string => `2026-01-01T${clock}.000Z`

type Fact = readonly [type: EventType, data: object, clock: string]

/** Ready from 10:00:03; the engine died at 10:10 or a little later, and the next one began at 10:30. */
const FACTS: readonly Fact[] = [
  ['RouterAttached', { namespace: 'west', url: 'amqp://x' }, '10:00:01'],
  ['RouterConnected', { namespace: 'west', id: 'x' }, '10:00:02'],
  ['ListenerOpened', { ...BACKEND, generation: 1 }, '10:00:03'],
  ['ConnectorSeen', { namespace: 'west', identity: 'a:1', routingKey: 'backend' }, '10:00:03'],
  ['RouterUnobserved', { namespace: 'west', since: at('10:10:00') }, '10:30:00'],
  ['RouterConnected', { namespace: 'west', id: 'x' }, '10:30:01'],
]

const record = async (test: TestEngine, stream: string, facts: readonly Fact[]): Promise<number[]> => {
  const events = facts.map(([type, data, clock]) => ({
    id: randomUUID(),
    type,
    data,
    time: at(clock),
    metadata: { schemaVersion: schemaVersion(type), actor: 'agent', correlationId: randomUUID() },
  }))
  const { position } = await test.store.append(stream, NO_STREAM, events)
  await until(() => test.engine.read.head().position >= position)
  return facts.map((_, index) => position - facts.length + 1 + index)
}

const started = async (): Promise<{ test: TestEngine; positions: number[] }> => {
  const test = await TestEngine.start()
  await record(test, listenerStream('west', 'backend'), [
    ['ListenerCreated', { ...BACKEND, spec: listenerSpec() }, '10:00:00'],
  ])
  return { test, positions: await record(test, routerStream('west'), FACTS) }
}

const readyAt = async ({ engine }: TestEngine, moment: { time: string } | { position: number }) => {
  const row = await (await engine.read.past(moment)).resource('Listener', 'west', 'backend')
  return `${row?.conditions.Ready.status} ${row?.conditions.Ready.reason} ${row?.hasMatchingConnector} ${row?.matchingConnectors.length}`
}
const READY = 'True Ready true 1'
const NOT_OBSERVED = 'Unknown NotObserved false 0'

describe('a gap in which no engine watched', () => {
  it('is Unknown in a timeline, from when an engine last watched', async () => {
    const { test } = await started()
    await using _ = test
    const window = { from: { time: at('10:00:00') }, to: { time: at('10:40:00') } }
    const timeline = await test.engine.read.timeline({
      kind: 'Listener',
      namespace: 'west',
      name: 'backend',
      type: 'Ready',
      ...window,
    })
    assert.deepEqual(
      timeline.intervals.map(({ from, status, reason }) => [new Date(from).toISOString(), status, reason]),
      [
        [at('10:00:00'), 'False', 'Pending'],
        [at('10:00:01'), 'Unknown', 'RouterUnreachable'],
        [at('10:00:02'), 'False', 'Pending'],
        [at('10:00:03'), 'True', 'Ready'],
        [at('10:10:00'), 'Unknown', 'NotObserved'],
        [at('10:30:01'), 'True', 'Ready'],
      ],
    )
    assert.equal(timeline.fractionTrue, (597 + 599) / 2400)
  })

  it('is no part of a timeline up to a position before it, which ends with the event there', async () => {
    const { test, positions } = await started()
    await using _ = test
    const readyAtEnd = async (to: { position: number } | { time: string }) => {
      const request = {
        kind: 'Listener',
        namespace: 'west',
        name: 'backend',
        type: 'Ready',
        from: { time: at('10:00:00') },
        to,
      } as const
      const { intervals } = await test.engine.read.timeline(request)
      const { status, message, position } = intervals.at(-1)!
      return [status, message, position]
    }
    const [connected, opened, seen] = positions.slice(1)
    assert.deepEqual(await readyAtEnd({ position: seen! }), ['True', 'OK', seen])
    assert.deepEqual(await readyAtEnd({ position: opened! }), ['False', 'No matching connectors', opened])
    assert.deepEqual(await readyAtEnd({ time: at('10:00:03') }), ['False', 'Not Configured', connected])
  })

  it('is Unknown and not observed in availability reports', async () => {
    const { test } = await started()
    await using _ = test
    const report = await test.engine.read.audit({ from: { time: at('10:00:03') }, to: { time: at('10:30:00') } })
    const { rows } = await report.availability({ first: 10 })
    assert.deepEqual(
      rows.map(({ row }) => [row.fractionReady, row.fractionUnknown, row.fractionNotObserved]),
      [[597 / 1797, 1200 / 1797, 1200 / 1797]],
    )
  })

  it('shows listeners as Unknown at a time in it, and filters them by no other status', async () => {
    const { test } = await started()
    await using _ = test
    const seen = []
    for (const clock of ['10:09:59', '10:10:00', '10:29:59', '10:30:00', '10:30:01'])
      seen.push(await readyAt(test, { time: at(clock) }))
    assert.deepEqual(seen, [READY, NOT_OBSERVED, NOT_OBSERVED, NOT_OBSERVED, READY])
    const past = await test.engine.read.past({ time: at('10:20:00') })
    const { rows } = await past.resources('Listener', { status: 'Ready' }, { first: 10 })
    assert.deepEqual(rows, [])
    const { rows: pending } = await past.resources('Listener', { status: 'Pending' }, { first: 10 })
    assert.equal(pending.length, 1)
  })

  it('leaves the state at a position before it unchanged', async () => {
    const { test, positions } = await started()
    await using _ = test
    const seen = []
    for (const position of positions.slice(3)) seen.push(await readyAt(test, { position }))
    assert.deepEqual(seen, [READY, NOT_OBSERVED, READY])
  })

  it('is the same after the read models are rebuilt', async () => {
    const { test } = await started()
    await using _ = test
    await test.stop()
    test.forgetReadModels()
    await test.startAgain()
    assert.equal(await readyAt(test, { time: at('10:20:00') }), NOT_OBSERVED)
  })
})

describe('a log that no engine follows', () => {
  const offline = async (lastWatched: string | undefined) => {
    const { test } = await started()
    const time = lastWatched === undefined ? undefined : Date.parse(at(lastWatched))
    await test.restart({ lastWatched: () => time })
    return test
  }

  it('ends when an engine last watched, at whatever time it is read', async () => {
    await using test = await offline('11:00:00')
    const report = await test.engine.read.audit({ from: { time: at('10:30:01') } })
    assert.equal((await report.window()).to, at('11:00:00'))
    const [{ row } = { row: undefined }] = (await report.availability({ first: 1 })).rows
    assert.equal(row?.fractionReady, 1)
    const timeline = await test.engine.read.timeline({
      kind: 'Listener',
      namespace: 'west',
      name: 'backend',
      type: 'Ready',
      from: { time: at('10:30:01') },
    })
    assert.deepEqual(
      timeline.intervals.map(({ status, to }) => [status, to]),
      [['True', Date.parse(at('11:00:00'))]],
    )
  })

  it('ends with its last event if nothing else is known', async () => {
    await using test = await offline(undefined)
    const report = await test.engine.read.audit({})
    assert.equal((await report.window()).to, at('10:30:01'))
  })

  it('returns Unknown for later times', async () => {
    await using test = await offline('11:00:00')
    assert.equal(await readyAt(test, { time: at('10:59:59') }), READY)
    assert.equal(await readyAt(test, { time: at('11:00:00') }), NOT_OBSERVED)
    assert.equal(await readyAt(test, { time: '2999-01-01T00:00:00.000Z' }), NOT_OBSERVED)
  })
})
