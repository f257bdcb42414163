import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { TOKENS_STREAM } from '../../schemas/events/streams.ts'
import { TokenEventLog, type TokenRecord } from '../../src/auth/token-event-log.ts'
import { decorateStore } from '../../src/event-store/decorate-store.ts'
import { type EventStore, WrongExpectedRevision } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { all } from '../contract/event-store/events.ts'
import { silentLogger as logger } from '../fakes/silent-logger.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const at = (hour: number): string => `2026-11-24T0${hour}:00:00.000Z`
const token = (digit: number | string, more: Partial<TokenRecord> = {}): TokenRecord => ({
  id: `00000000-0000-4000-8000-${String(digit).padStart(12, '0')}`,
  name: `name-${digit}`,
  roles: ['viewer'],
  createdAt: at(1),
  ...more,
})

const setUp = async () => {
  const folder = await scratchFolder()
  const store = openSqliteEventStore({ file: join(folder.path, 'events.db') })
  return {
    store,
    journal: (tokens: () => readonly TokenRecord[]) => new TokenEventLog({ store, tokens, logger }),
    story: async () =>
      (await all(store.readStream(TOKENS_STREAM))).map(
        ({ type, data }) => `${type} ${(data as { name?: string }).name}`,
      ),
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** Counts reads and the events of each append; errors that are logged fail the test. */
const recorded = (store: EventStore, tokens: readonly TokenRecord[]) => {
  let reads = 0
  const appends: number[] = []
  const counting = decorateStore(store, {
    readStream: (...args: Parameters<EventStore['readStream']>) => {
      reads += 1
      return store.readStream(...args)
    },
    append: (...args: Parameters<EventStore['append']>) => {
      appends.push(args[2].length)
      return store.append(...args)
    },
  })
  const error = (details: object) => assert.fail(JSON.stringify(details))
  const log = new TokenEventLog({ store: counting, tokens: () => tokens, logger: { error } })
  return { log, appends, reads: () => reads }
}

const tokens = (count: number): TokenRecord[] => Array.from({ length: count }, (_, index) => token(index))

describe('TokenEventLog', () => {
  it('records each created and revoked token once, also those changed while no engine ran', async () => {
    await using test = await setUp()
    let tokens = [token(1), token(2, { revokedAt: at(2) })]
    const first = test.journal(() => tokens)
    first.start()
    await first.close()
    const before = ['TokenCreated name-1', 'TokenCreated name-2', 'TokenRevoked name-2']
    assert.deepEqual(await test.story(), before)
    tokens = [token(1, { revokedAt: at(3) }), token(2, { revokedAt: at(2) }), token(3)]
    const second = test.journal(() => tokens)
    await second.close()
    assert.deepEqual(await test.story(), [...before, 'TokenRevoked name-1', 'TokenCreated name-3'])
  })

  it('records a token once if several engines find it', async () => {
    await using test = await setUp()
    const journals = Array.from({ length: 4 }, () => test.journal(() => [token(1), token(2)]))
    await Promise.all(journals.map(journal => journal.close()))
    assert.deepEqual(await test.story(), ['TokenCreated name-1', 'TokenCreated name-2'])
  })

  it('records any number of rejected tokens as one event of bounded size', async () => {
    await using test = await setUp()
    const journal = test.journal(() => [])
    for (let attempt = 0; attempt < 10_000; attempt += 1) journal.recordRefusal(`10.0.0.${attempt % 100}`)
    await journal.close()
    const events = await all(test.store.readStream(TOKENS_STREAM))
    assert.equal(events.length, 1)
    const [event] = events as [RecordedEvent]
    const { clients, otherAttempts } = event.data as {
      clients: { address: string; attempts: number }[]
      otherAttempts: number
    }
    assert.equal(clients.length, 20)
    assert.equal(
      clients.reduce((sum, { attempts }) => sum + attempts, otherAttempts),
      10_000,
    )
  })

  it('records rejected tokens at most once per interval, without losing any', async () => {
    await using test = await setUp()
    const options = { store: test.store, tokens: () => [], logger, everyMs: 5 }
    const journal = new TokenEventLog(options)
    journal.start()
    journal.recordRefusal('10.0.0.1')
    for (;;) {
      if ((await test.story()).length > 0) break
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    for (let turn = 0; turn < 20; turn += 1) {
      journal.recordRefusal('10.0.0.2')
      await new Promise(resolve => setImmediate(resolve))
    }
    assert.equal((await test.story()).length, 1)
    await journal.close()
    const last = (await all(test.store.readStream(TOKENS_STREAM))).at(-1)
    assert.deepEqual(last?.data, { clients: [{ address: '10.0.0.2', attempts: 20 }], otherAttempts: 0 })
  })

  it('reads the stream once, and appends nothing if every token is recorded', async () => {
    await using test = await setUp()
    const first = recorded(test.store, tokens(3))
    await first.log.close()
    const second = recorded(test.store, tokens(3))
    second.log.start()
    await second.log.close()
    assert.deepEqual([first.appends, second.appends, second.reads()], [[3], [], 1])
  })

  it('appends at most 100 events per append', async () => {
    await using test = await setUp()
    const { log, appends } = recorded(test.store, tokens(250))
    await log.close()
    assert.deepEqual(appends, [100, 100, 50])
    assert.equal(new Set(await test.story()).size, 250)
  })

  for (const count of [99, 100, 120])
    it(`records rejected tokens once after ${count} created ones`, async () => {
      await using test = await setUp()
      const { log } = recorded(test.store, tokens(count))
      log.recordRefusal('10.0.0.1')
      await log.close()
      await log.close()
      const story = await test.story()
      assert.deepEqual(
        story.filter(line => !line.startsWith('TokenCreated')),
        ['TokenRefused undefined'],
      )
      assert.equal(story.length, count + 1)
    })

  it('gives up after 50 lost races, and logs it', async () => {
    await using test = await setUp()
    const logged: object[] = []
    let attempts = 0
    const store = decorateStore(test.store, {
      append: async (stream: string, expected: number) => {
        attempts += 1
        throw new WrongExpectedRevision(stream, expected, expected + 1)
      },
    })
    const error = (details: object) => logged.push(details)
    await new TokenEventLog({ store, tokens: () => tokens(1), logger: { error } }).close()
    assert.deepEqual([attempts, logged.length], [50, 1])
  })
})
