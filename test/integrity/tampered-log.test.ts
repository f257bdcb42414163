import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { canonicalJson } from '../../schemas/canonical-json.ts'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { type CheckpointData, checkpointSigned } from '../../src/integrity/checkpoints/events.ts'
import type { SigningKey } from '../../src/integrity/keys/signing-key.ts'
import { UnrelatedLog } from '../../src/integrity/verify/log-identity.ts'
import { all } from '../contract/event-store/events.ts'
import { updatePort } from '../support/commands.ts'
import fc from '../support/fast-check.ts'
import { SignedLog } from '../support/signed-log.ts'
import { ALICE } from '../support/test-engine.ts'
import { at, FORGET_INDEX, found, inRange, originalLog, type Row } from './original-log.ts'

const { original, rows, copy, resourceEvents, last } = await originalLog()

describe('verifyLog on a changed log', () => {
  test('reports a change before a kept checkpoint, and an older checkpoint that was given the id of the stored one', async () => {
    const kept = rows.filter(({ type }) => type === 'CheckpointSigned')
    const [first, second] = await original.withStore(async store =>
      (await all(store.readStream('audit-checkpoints'))).filter(({ type }) => type === 'CheckpointSigned'),
    )
    const since = { id: second?.id as string, data: second?.data as CheckpointData }
    assert.deepEqual((await original.audit({ since })).findings, [])
    await using changed = await copy()
    changed.damage(`UPDATE events SET metadata = replace(metadata, 'alice', 'mallory') ${at(5)}`)
    assert.notDeepEqual((await changed.audit({ since })).findings, [])

    // The signature does not cover the id of a checkpoint.
    await using renamed = await copy()
    renamed.damage(`DELETE FROM events WHERE position > ${kept[0]?.position}; ${FORGET_INDEX}`)
    renamed.damage(`UPDATE events SET id = '${second?.id}' WHERE id = '${first?.id}'`)
    assert.match((await found(renamed)).join('\n'), /the log was truncated/)
  })

  test('reports a log without checkpoints if a signature of a key is required', async () => {
    await using log = await copy()
    log.damage(`DELETE FROM events WHERE stream LIKE 'audit-%'; ${FORGET_INDEX}`)
    const publicKey = log.keys.read()?.public
    const { findings } = await log.audit({ publicKey, mustBeSigned: true, checkpointFile: undefined })
    assert.ok(findings.some(({ fault }) => /the newest is not signed by key/.test(fault)))
  })

  test('reports a stream index that is incomplete or points to other events', async () => {
    const stream = resourceEvents()[0]?.stream
    for (const change of [
      `DELETE FROM stream_index WHERE stream = '${stream}' AND revision >= 1`,
      `DELETE FROM stream_index WHERE stream = '${stream}'`,
      'DELETE FROM stream_index',
      `INSERT INTO events SELECT -7, stream, revision, id, type, time, replace(data, '1', '6'), metadata FROM events WHERE stream = '${stream}' AND revision = 2`,
      `UPDATE stream_index SET position = position + 1 WHERE stream = '${stream}' AND revision = 2`,
    ]) {
      await using log = await copy()
      log.damage(change)
      assert.ok(
        (await found(log)).some(fault => /stream index|before the beginning/.test(fault)),
        change,
      )
    }
  })

  test('reports a checkpoint file that is not a database', async () => {
    await using log = await copy()
    await writeFile(log.checkpointFile, 'no database at all, but long enough to be taken for one: '.repeat(100))
    assert.match((await found(log)).join('\n'), /checkpoints\.db: it cannot be read/)
  })

  for (const [what, sql, fault] of [
    [
      'a trigger',
      "CREATE TRIGGER dormant AFTER INSERT ON events BEGIN UPDATE events SET data = '{}' WHERE position = new.position; END",
      /there is a trigger dormant/,
    ],
    ['a view', 'CREATE VIEW listeners AS SELECT * FROM events', /there is a view listeners/],
    ['a table', 'CREATE TABLE more (a)', /there is a table more/],
    ['an index', 'CREATE INDEX faster ON events (stream)', /there is an? index faster/],
    [
      'a table without its constraints',
      'ALTER TABLE stream_index_progress RENAME TO old; CREATE TABLE stream_index_progress (position); INSERT INTO stream_index_progress SELECT * FROM old; DROP TABLE old',
      /the table stream_index_progress differs from the one that Hark makes/,
    ],
  ] as const)
    test(`reports ${what} that Hark did not create in the database`, async () => {
      await using log = await copy()
      log.damage(sql)
      assert.match((await found(log)).join('\n'), fault)
    })

  test('reports a duplicate key in the JSON of any event', async () => {
    for (const { position } of resourceEvents()) {
      for (const [column, first] of [
        ['data', '"namespace":"east"'],
        ['metadata', '"actor":"eve"'],
      ]) {
        await using log = await copy()
        // JSON.parse takes the last of two equal keys, so the parsed value is unchanged.
        log.damage(`UPDATE events SET ${column} = '{${first},' || substr(${column}, 2) ${at(position)}`)
        const faults = await found(log)
        const place = String(position).padStart(16, '0')
        assert.ok(
          faults.some(fault => fault.includes(`${place}): its JSON is not`)),
          `${column} at ${position}: ${faults}`,
        )
      }
    }
  })

  test('reports a log that was truncated at any position', async () => {
    for (let position = 1; position <= last(); position += position < last() - 4 ? 5 : 1) {
      await using log = await copy()
      log.damage(`DELETE FROM events WHERE position >= ${position}; ${FORGET_INDEX}`)
      assert.notDeepEqual(await found(log), [], `from ${position} on`)
    }
  })

  test('reports a log truncated before a kept checkpoint, without a checkpoint file', async () => {
    await using log = await copy()
    const [kept] = await log.withStore(store =>
      all(store.readStream('audit-checkpoints', { direction: 'backward', limit: 1 })),
    )
    log.damage(`DELETE FROM events ${at(last())}; ${FORGET_INDEX}`)
    await rm(log.checkpointFile)
    assert.deepEqual((await log.audit()).findings, [])
    const { findings } = await log.audit({ since: { id: kept?.id as string } })
    assert.match(findings[0]?.fault ?? '', /it is missing: the log was truncated or replaced/)
  })

  test('reports a changed checkpoint, and a log signed by another key than the trusted one', async () => {
    const checkpoints = rows.filter(({ type }) => type === 'CheckpointSigned')
    for (const { position } of checkpoints) {
      for (const change of [
        `'"events":', '"events":1'`,
        `'"root":"', '"root":"a'`,
        `'"signature":"', '"signature":"A'`,
      ]) {
        await using log = await copy()
        log.damage(`UPDATE events SET data = replace(data, ${change}) ${at(position)}`)
        assert.notDeepEqual(await found(log), [], `${position} ${change}`)
      }
    }
    await using log = await copy()
    await using other = await SignedLog.create()
    await other.fill()
    const { findings } = await log.audit({ publicKey: other.keys.read()?.public })
    assert.match(findings[0]?.fault ?? '', /is not a key of this log/)
  })

  test('rejects a forged log that is signed with another key', async () => {
    await using forged = await SignedLog.create()
    await forged.fill()
    const publicKey = original.keys.read()?.public
    const { checkpointFile } = original
    await assert.rejects(forged.audit({ publicKey, checkpointFile }), UnrelatedLog)
    const { findings } = await forged.audit({ publicKey, mustBeSigned: true })
    assert.deepEqual(
      findings.map(({ fault }) => fault.replace(/[0-9a-f]{16}/, 'K')),
      ['key K is not a key of this log', 'the newest is not signed by key K, nor by a key that it introduced'],
    )
  })

  for (const [what, sql] of [
    ['the end', `DELETE FROM events WHERE position > 2; ${FORGET_INDEX}`],
    ['every checkpoint', `DELETE FROM events WHERE stream = 'audit-checkpoints'; ${FORGET_INDEX}`],
    ['everything', `DELETE FROM events; ${FORGET_INDEX}`],
  ] as const)
    test(`reports a log that lost ${what}, instead of taking it for another log`, async () => {
      await using log = await copy()
      log.damage(sql)
      assert.notDeepEqual((await log.audit()).findings, [])
    })

  test('reports a wrong Merkle root in a validly signed checkpoint', async () => {
    await using log = await copy()
    const key = log.keys.read() as SigningKey
    const [newest] = await log.withStore(store =>
      all(store.readStream('audit-checkpoints', { direction: 'backward', limit: 1 })),
    )
    const { events, logHash, streams } = (newest as RecordedEvent).data as CheckpointData
    const signed = checkpointSigned({ events, logHash, streams, root: 'f'.repeat(64) }, key, new Date())
    log.damage(`UPDATE events SET data = '${canonicalJson(signed.data)}' ${at(last())}`)
    await rm(log.checkpointFile)
    assert.match((await found(log)).join('\n'), /its root is not that of the streams that it covers/)
  })

  test('reports any changed byte of an event', async () => {
    const place = fc.record({
      row: fc.nat(),
      column: fc.constantFrom('data', 'metadata', 'time', 'id', 'type'),
      byte: fc.nat(),
      to: fc.integer({ min: 33, max: 126 }),
    })
    await fc.assert(
      fc.asyncProperty(place, async ({ row, column, byte, to }) => {
        const events = resourceEvents()
        const { position } = events[row % events.length] as Row
        await using log = await copy()
        const index = `(1 + ${byte} % length(${column}))`
        const changed = `substr(${column}, 1, ${index} - 1) || char(${to}) || substr(${column}, ${index} + 1)`
        const before = await log.withStore(store => all(store.readAll()))
        log.damage(`UPDATE events SET ${column} = ${changed} ${at(position)}`)
        const after = await log.withStore(store => all(store.readAll())).catch(() => undefined)
        const isSame = after !== undefined && JSON.stringify(after) === JSON.stringify(before)
        assert.equal((await found(log)).length === 0, isSame)
      }),
      { numRuns: 40 },
    )
  })
})

const positions = fc.nat().map(number => 1 + (number % rows.length))
const DAMAGE = fc.oneof(
  fc
    .tuple(positions, positions)
    .map(([a, b]) => `DELETE FROM events WHERE position BETWEEN ${Math.min(a, b)} AND ${Math.max(a, b)}`),
  positions.map(position => `DELETE FROM events WHERE position > ${position - 1}`),
  positions.map(position => `UPDATE events SET data = data || 'x' ${at(position)}`),
  positions.map(position => `UPDATE events SET revision = revision + 1000 ${at(position)}`),
  positions.map(position => `UPDATE events SET stream = 'listener-west.other' ${at(position)}`),
  positions.map(position => `UPDATE stream_index SET position = position + 1 ${at(position)}`),
  positions.map(position => `DELETE FROM stream_index ${at(position)}`),
)

describe('verifyLog on a log damaged in several places', () => {
  test('reports the same findings at each run', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(DAMAGE, { minLength: 1, maxLength: 3 }), async changes => {
        await using log = await copy()
        for (const change of changes) log.damage(change)
        const faults = await found(log)
        assert.notDeepEqual(faults, [])
        assert.deepEqual(await found(log), faults)
      }),
      { numRuns: 25 },
    )
  })

  test('compares checkpoints with the right events after an unreadable event', async () => {
    await using log = await copy()
    const [, position] = log.positionsOf('listener-west.b')
    log.damage(`UPDATE events SET data = 'none' ${at(position as number)}`)
    const faults = await found(log)
    assert.equal(faults.length, 2, faults.join('\n'))
    assert.match(faults[0] ?? '', /its data is/)
    assert.ok(inRange(faults[1] ?? '', position as number))
  })
})

describe('Checkpointer', () => {
  test('signs nothing if the hashes in its checkpoint file do not match the checkpoint', async () => {
    await using log = await copy()
    const memory = new DatabaseSync(log.checkpointFile)
    memory.exec(`UPDATE heads SET hash = '${'0'.repeat(64)}' WHERE place = 0`)
    memory.close()
    await log.run(({ engine }) => engine.execute(updatePort('a', 99), { caller: ALICE }))
    const rows = await log.withStore(store => all(store.readAll()))
    assert.equal(rows.filter(({ type }) => type === 'CheckpointSigned').length, 2)
    assert.equal(rows.at(-1)?.type, 'PortUpdated')
  })
})
