import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { createListener, updatePort } from '../support/commands.ts'
import fc from '../support/fast-check.ts'
import { SignedLog } from '../support/signed-log.ts'
import { ALICE } from '../support/test-engine.ts'

/** So long that threads have several shares each. */
const LISTENERS = 40
const MOVES = 60
const EVENTS = LISTENERS * MOVES

const original = await SignedLog.create()
before(() =>
  original.run(async ({ engine }) => {
    const names = Array.from({ length: LISTENERS }, (_, index) => `l${index}`)
    await Promise.all(names.map(name => engine.execute(createListener(name), { caller: ALICE })))
    for (let port = 1; port < MOVES; port += 1)
      await Promise.all(names.map(name => engine.execute(updatePort(name, port), { caller: ALICE })))
  }),
)
after(() => original[Symbol.asyncDispose]())

const copy = async (): Promise<SignedLog> => {
  const log = await SignedLog.create()
  await cp(original.folder, log.folder, { recursive: true })
  return log
}

const position = fc.integer({ min: 1, max: EVENTS })
const column = fc.constantFrom('data', 'metadata', 'time', 'id', 'type')

/** What somebody might do to a file, as SQL. */
const damage = fc.oneof(
  fc.tuple(column, position).map(([name, at]) => `UPDATE events SET ${name} = ${name} || 'x' WHERE position = ${at}`),
  fc
    .tuple(position, position)
    .map(([a, b]) => `DELETE FROM events WHERE position BETWEEN ${Math.min(a, b)} AND ${Math.max(a, b)}`),
  fc.constantFrom(1000, 2000).map(at => `DELETE FROM events WHERE position BETWEEN ${at - 7} AND ${at + 7}`),
  position.map(at => `DELETE FROM events WHERE position > ${at}`),
  position.map(at => `UPDATE events SET revision = revision + 1000 WHERE position = ${at}`),
  position.map(at => `UPDATE events SET stream = 'listener-west.other' WHERE position = ${at}`),
  position.map(at => `UPDATE stream_index SET position = position + 1 WHERE position = ${at}`),
  position.map(at => `DELETE FROM stream_index WHERE position = ${at}`),
)

describe('a log that several threads read', () => {
  test('is as it was signed where nobody touched it', async () => {
    for (const threads of [1, 2, 5]) {
      const { events, findings } = await original.audit({ threads })
      assert.deepEqual({ threads, findings }, { threads, findings: [] })
      assert.ok(events > EVENTS)
    }
  })

  test('has the faults that one alone finds, each once and in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async changes => {
        await using log = await copy()
        for (const change of changes) log.damage(change)
        const alone = await log.audit({ threads: 0 })
        assert.notDeepEqual(alone.findings, [])
        assert.deepEqual(await log.audit({ threads: 2 }), alone)
      }),
      { numRuns: 12 },
    )
  })

  test('is given up at once when it is told to be', async () => {
    const giving = new AbortController()
    const onProgress = () => giving.abort(new Error('enough'))
    await assert.rejects(original.audit({ threads: 2, onProgress, signal: giving.signal }), /enough/)
    assert.deepEqual((await original.audit({ threads: 2 })).findings, [])
  })
})
