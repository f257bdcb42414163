import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { EventTimes } from '../../../src/engine/overview/event-times.ts'
import { EVENT_TIMES_SCHEMA, EventTimesTable } from '../../../src/engine/overview/event-times-table.ts'
import { createListener, updatePort } from '../../support/commands.ts'
import fc from '../../support/fast-check.ts'
import { TestEngine } from '../../support/test-engine.ts'

const START = Date.parse('2026-11-22T00:00:00.000Z')
const NAMESPACES = ['east', 'west']

/** Times of events: most are near each other, some a year apart. */
const anyEvents = fc.array(
  fc.tuple(
    fc.constantFrom(
      'listener-west.a',
      'connector-east.b.c',
      'router-west',
      'site-east',
      'endpoint-west.a:1',
      'lease-east',
    ),
    fc.oneof(fc.nat(3), fc.nat(100_000), fc.constant(366 * 24 * 60 * 60 * 1000)),
  ),
  { maxLength: 300 },
)

const timed = (events: readonly (readonly [string, number])[]) => {
  let time = START
  return events.map(([stream, later]) => {
    time += later
    return { stream, time }
  })
}

const namespaceOf = (stream: string) => /^(?:listener|connector|router|site)-([^.]+)/.exec(stream)?.[1]

describe('EventTimes', () => {
  it('counts the events of resources before any time, by namespace', () => {
    fc.assert(
      fc.property(anyEvents, fc.array(fc.nat(300), { minLength: 1 }), (given, moments) => {
        const events = timed(given)
        const times = new EventTimes()
        for (const { stream, time } of events) times.note(stream, time)
        for (const chosen of [undefined, ['west'], ['east', 'west', 'west'], ['none']]) {
          const own = events.filter(({ stream }) => (chosen ?? NAMESPACES).includes(namespaceOf(stream) ?? ''))
          const bounds = moments.map(moment => (events[moment]?.time ?? START) + (moment % 2))
          assert.deepEqual(
            times.countsBefore(chosen, bounds),
            bounds.map(bound => own.filter(({ time }) => time < bound).length),
          )
          const span = own.length === 0 ? undefined : { first: own[0]?.time, last: own.at(-1)?.time }
          assert.deepEqual(times.span(chosen), span)
        }
      }),
    )
  })

  it('is the same after it was persisted in parts and loaded, whatever failed to persist first', () => {
    fc.assert(
      fc.property(anyEvents, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), (given, failures) => {
        const database = new DatabaseSync(':memory:')
        database.exec(EVENT_TIMES_SCHEMA)
        const table = new EventTimesTable(database)
        const events = timed(given)
        const times = new EventTimes()
        const part = Math.ceil(events.length / 5) + 1
        for (const [index, { stream, time }] of events.entries()) {
          times.note(stream, time)
          if (index % part !== 0) continue
          const taken = times.take()
          if (failures[Math.floor(index / part)]) times.putBefore(taken)
          else table.add(taken)
        }
        table.add(times.take())
        const loaded = new EventTimes()
        loaded.load(table.all())
        const bounds = events.flatMap(({ time }) => [time, time + 1])
        for (const namespace of NAMESPACES)
          assert.deepEqual(loaded.countsBefore([namespace], bounds), times.countsBefore([namespace], bounds))
        assert.deepEqual(loaded.namespaces, times.namespaces)
        for (const namespace of NAMESPACES) {
          const end = events.at(-1)?.time ?? START
          for (const each of [times, loaded]) each.note(`site-${namespace}`, end + 1)
          assert.deepEqual(
            loaded.countsBefore([namespace], [...bounds, end + 2]),
            times.countsBefore([namespace], [...bounds, end + 2]),
          )
          assert.deepEqual(loaded.span([namespace]), times.span([namespace]))
        }
        database.close()
      }),
      { numRuns: 50 },
    )
  })

  it('fills rows of a namespace one after the other', () => {
    const database = new DatabaseSync(':memory:')
    database.exec(EVENT_TIMES_SCHEMA)
    const table = new EventTimesTable(database)
    const times = Float64Array.from({ length: 5000 }, (_, index) => START + index)
    table.add([['west', times.subarray(0, 4000)]])
    table.add([['west', times.subarray(4000)]])
    assert.equal(database.prepare('SELECT count(*) AS count FROM event_times').get()?.count, 2)
    assert.deepEqual(
      [...table.all()].flatMap(({ base, deltas }) => Array.from(deltas, delta => base + delta)),
      [...times],
    )
    database.close()
  })
})

describe('read.density', () => {
  const totals = async ({ engine }: TestEngine) => {
    const { total } = await engine.read.density({ namespaces: undefined, buckets: 3 })
    return { total, events: (await engine.read.events({}, { first: 1000 })).events.length }
  }

  it('counts each event once after a restart, a crash and the deletion of the read models', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    await test.restart()
    await test.run(updatePort('a', 9090))
    await using crashed = await test.crashed()
    for (const engine of [test, crashed]) {
      const { total, events } = await totals(engine)
      assert.equal(total, events)
    }
    await test.stop()
    test.forgetReadModels()
    await test.startAgain()
    const { total, events } = await totals(test)
    assert.equal(total, events)
  })
})
