import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { canonicalJson } from '../../schemas/canonical-json.ts'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { type CheckpointData, checkpointSigned } from '../../src/integrity/checkpoints/events.ts'
import type { SigningKey } from '../../src/integrity/keys/signing-key.ts'
import { UnrelatedLog } from '../../src/integrity/verify/log-identity.ts'
import { exportLog } from '../../src/ops/transfer/export-log.ts'
import { importLog } from '../../src/ops/transfer/import-log.ts'
import { all } from '../contract/event-store/events.ts'
import { createListener, updatePort } from '../support/commands.ts'
import fc from '../support/fast-check.ts'
import { SignedLog } from '../support/signed-log.ts'
import { ALICE } from '../support/test-engine.ts'

/** The part of a log's file that whoever damages it needs to know. */
interface Row {
  readonly position: number
  readonly stream: string
  readonly revision: number
  readonly type: string
}

const original = await SignedLog.create()
let rows: readonly Row[] = []
before(async () => {
  await original.fill()
  rows = await original.withStore(store => all(store.readAll()))
})
after(() => original[Symbol.asyncDispose]())

const copy = async (): Promise<SignedLog> => {
  const log = await SignedLog.create()
  await cp(original.folder, log.folder, { recursive: true })
  return log
}

const found = async (log: SignedLog): Promise<string[]> =>
  (await log.audit()).findings.map(({ place, fault }) => `${place}: ${fault}`)

/** In a transaction in which no two rows may stand at one place at a time. */
const swap = (a: number, b: number): string =>
  `UPDATE events SET position = -1 WHERE position = ${a}; UPDATE events SET position = ${a} WHERE position = ${b}; UPDATE events SET position = ${b} WHERE position = -1`

/** Moves what is behind so that no position is missing, and has the index of streams made anew: as somebody careful would. */
const closeGap = (position: number): string =>
  `UPDATE events SET position = position - 1 WHERE position > ${position}; ${FORGET_INDEX}`
const FORGET_INDEX = 'DELETE FROM stream_index; UPDATE stream_index_progress SET position = 0'
const openGap = (position: number): string =>
  `UPDATE events SET position = -position WHERE position > ${position}; UPDATE events SET position = 1 - position WHERE position < 0`

const at = (position: number): string => `WHERE position = ${position}`
const resourceEvents = (): readonly Row[] => rows.filter(({ stream }) => stream.startsWith('listener-'))
/** Where what is done to one says enough of its neighbours. */
const someEvents = (): readonly Row[] => resourceEvents().filter((_, index) => index % 3 === 0)
const last = (): number => rows.at(-1)?.position as number

const CHANGES: Record<string, string> = {
  'its data': `data = replace(data, '"west"', '"East"')`,
  'one character of its data': `data = substr(data, 1, length(data) - 2) || 'x' || substr(data, -1)`,
  'its actor': `metadata = replace(metadata, 'alice', 'mallory')`,
  'its way in': `metadata = replace(metadata, 'graphql', 'cli')`,
  'its type': `type = 'HostUpdated'`,
  'its id': `id = '00000000-0000-4000-8000-000000000000'`,
  'its time': `time = '2020-01-01T00:00:00.000Z'`,
}

describe('a log that nobody touched', () => {
  test('is as it was signed', async () => {
    const audited = await original.audit()
    assert.deepEqual(audited.findings, [])
    assert.equal(audited.events, rows.length)
    assert.equal(audited.checkpoints, 2)
    assert.equal(audited.signedEvents, rows.length - 1)
    assert.equal(audited.keyId, original.keys.read()?.public.id)
  })

  test('is as it was signed also where its texts are others that mean the same', async () => {
    await using log = await copy()
    log.damage(`UPDATE events SET data = ' ' || data, metadata = replace(metadata, '","', '", "')`)
    assert.deepEqual(await found(log), [])
  })

  test('is given up when the signal aborts', async () => {
    const aborted = AbortSignal.abort(new Error('enough'))
    await assert.rejects(original.audit({ signal: aborted }), /enough/)
  })

  test('is so after more was added to it, by an engine that was ended and by one that was not', async () => {
    await using log = await copy()
    await log.run(({ engine }) => engine.execute(updatePort('a', 99), { caller: ALICE }))
    await log.run(({ engine }) => engine.execute(updatePort('a', 98), { caller: ALICE }))
    await rm(log.checkpointFile)
    await log.run(({ engine }) => engine.execute(updatePort('a', 97), { caller: ALICE }))
    const { findings, checkpoints } = await log.audit()
    assert.deepEqual(findings, [])
    assert.equal(checkpoints, 5)
  })
})

describe('a log that was moved', () => {
  test('is as it was signed where it is now, and nothing can be slipped in on its way', async () => {
    await using moved = await SignedLog.create()
    const file = join(moved.folder, 'log.jsonl')
    await original.withStore(store => exportLog(store, file))
    const publicKey = original.keys.read()?.public
    await moved.withStore(store => importLog(file, store), 'write')
    assert.deepEqual((await moved.audit({ publicKey })).findings, [])

    await using forged = await SignedLog.create()
    await writeFile(file, (await readFile(file, 'utf8')).replace('"port":13', '"port":14'))
    await forged.withStore(store => importLog(file, store), 'write')
    assert.notDeepEqual((await forged.audit({ publicKey })).findings, [])
  })
})

describe('found, with its place, is an event', () => {
  for (const [what, change] of Object.entries(CHANGES)) {
    test(`of which ${what} was changed, whichever it is`, async () => {
      for (const { position, stream, revision } of someEvents()) {
        await using log = await copy()
        log.damage(`UPDATE events SET ${change} ${at(position)}`)
        const faults = await found(log)
        assert.ok(faults.length > 0, `${stream} ${revision}`)
        const isNamed = faults.some(
          fault => fault.includes(String(position).padStart(16, '0')) || inRange(fault, position),
        )
        assert.ok(isNamed, `${position}: ${faults}`)
      }
    })
  }

  test('that was removed, however carefully', async () => {
    for (const { position } of resourceEvents()) {
      await using log = await copy()
      log.damage(`DELETE FROM events ${at(position)}`)
      assert.notDeepEqual(await found(log), [], `${position}`)
      log.damage(closeGap(position))
      assert.notDeepEqual(await found(log), [], `${position}, closed`)
    }
  })

  test('that was removed, and its stream is counted anew', async () => {
    const [first] = resourceEvents()
    const { stream, revision, position } = resourceEvents().find(
      row => row.stream === first?.stream && row.revision === 2,
    ) as Row
    await using log = await copy()
    log.damage(`DELETE FROM events ${at(position)}; ${closeGap(position)}`)
    log.damage(`UPDATE events SET revision = revision - 1 WHERE stream = '${stream}' AND revision > ${revision}`)
    assert.match((await found(log)).join('\n'), /one of the two was changed/)
  })

  test('that was the first of its stream, which begins with the next one now', async () => {
    await using log = await copy()
    await log.run(async ({ engine }) => {
      await engine.execute(createListener('new'), { caller: ALICE })
      await engine.execute(updatePort('new', 99), { caller: ALICE })
    })
    // Of what is not signed yet the links alone tell.
    log.damage(`DELETE FROM events WHERE stream = 'audit-checkpoints' AND position > ${last()}`)
    const [position] = log.positionsOf('listener-west.new')
    log.damage(`DELETE FROM events ${at(position as number)}; ${closeGap(position as number)}`)
    log.damage(`UPDATE events SET revision = revision - 1 WHERE stream = 'listener-west.new'`)
    await rm(log.checkpointFile)
    assert.match((await found(log)).join('\n'), /it links to an event before it, and there is none/)
  })

  test('that came later, and is not linked to the one before it', async () => {
    await using log = await copy()
    await log.withStore(async store => {
      const [last] = await all(store.readStream('listener-west.a', { direction: 'backward', limit: 1 }))
      const { revision, type, data, metadata } = last as RecordedEvent
      const { previousHash: _, ...unlinked } = metadata
      await store.append('listener-west.a', revision, [
        { id: randomUUID(), type, data: data as object, metadata: unlinked },
      ])
    }, 'write')
    assert.match((await found(log)).join('\n'), /it has no link to the event before it, which has one/)
  })

  test('that was inserted', async () => {
    for (const { position, stream, revision } of someEvents()) {
      await using log = await copy()
      log.damage(openGap(position))
      log.damage(
        `INSERT INTO events SELECT position + 1, stream, revision + 1, '00000000-0000-4000-8000-000000000000', type, time, data, metadata FROM events ${at(position)}; ${FORGET_INDEX}`,
      )
      assert.notDeepEqual(await found(log), [], `after ${stream} ${revision}`)
    }
  })

  test('that was inserted into a stream of its own', async () => {
    await using log = await copy()
    log.damage(openGap(4))
    log.damage(
      `INSERT INTO events SELECT 5, 'listener-west.z', 0, '00000000-0000-4000-8000-000000000000', type, time, data, '{}' FROM events ${at(4)}; ${FORGET_INDEX}`,
    )
    assert.match((await found(log)).join('\n'), /inserted or moved/)
  })

  test('that changed places with any other', async () => {
    const pairs = resourceEvents().flatMap((a, index) =>
      resourceEvents()
        .slice(index + 1)
        .map(b => [a, b] as const),
    )
    for (const [a, b] of pairs.filter((_, index) => index % 9 === 0)) {
      await using log = await copy()
      log.damage(`${swap(a.position, b.position)}; ${FORGET_INDEX}`)
      assert.notDeepEqual(await found(log), [], `${a.position} and ${b.position}`)
    }
  })
})

describe('found is a log', () => {
  test('that was changed before a checkpoint that was kept, and that lost the one that its folder remembers', async () => {
    const kept = rows.filter(({ type }) => type === 'CheckpointSigned')
    const [first, second] = await original.withStore(async store =>
      (await all(store.readStream('audit-checkpoints'))).filter(({ type }) => type === 'CheckpointSigned'),
    )
    const since = { id: second?.id as string, data: second?.data as CheckpointData }
    assert.deepEqual((await original.audit({ since })).findings, [])
    await using changed = await copy()
    changed.damage(`UPDATE events SET metadata = replace(metadata, 'alice', 'mallory') ${at(5)}`)
    assert.notDeepEqual((await changed.audit({ since })).findings, [])

    // The id of a checkpoint is no part of what is signed.
    await using renamed = await copy()
    renamed.damage(`DELETE FROM events WHERE position > ${kept[0]?.position}; ${FORGET_INDEX}`)
    renamed.damage(`UPDATE events SET id = '${second?.id}' WHERE id = '${first?.id}'`)
    assert.match((await found(renamed)).join('\n'), /the end was cut off/)
  })

  test('that no key signed which is known to be right', async () => {
    await using log = await copy()
    log.damage(`DELETE FROM events WHERE stream LIKE 'audit-%'; ${FORGET_INDEX}`)
    const publicKey = log.keys.read()?.public
    const { findings } = await log.audit({ publicKey, mustBeSigned: true, checkpointFile: undefined })
    assert.ok(findings.some(({ fault }) => /the newest is not signed by key/.test(fault)))
  })

  test('whose streams lead elsewhere', async () => {
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

  test('whose newest checkpoint cannot be remembered', async () => {
    await using log = await copy()
    await writeFile(log.checkpointFile, 'no database at all, but long enough to be taken for one: '.repeat(100))
    assert.match((await found(log)).join('\n'), /checkpoints\.db: it cannot be read/)
  })

  for (const [what, sql, told] of [
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
    test(`whose database has ${what} that is none of Hark's`, async () => {
      await using log = await copy()
      log.damage(sql)
      assert.match((await found(log)).join('\n'), told)
    })

  test('in which a key stands twice, wherever', async () => {
    for (const { position } of resourceEvents()) {
      for (const [column, first] of [
        ['data', '"namespace":"east"'],
        ['metadata', '"actor":"eve"'],
      ]) {
        await using log = await copy()
        // Of two that are the same the last counts: the text means what it did.
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

  test('whose end was cut off, wherever', async () => {
    for (let position = 1; position <= last(); position += position < last() - 4 ? 5 : 1) {
      await using log = await copy()
      log.damage(`DELETE FROM events WHERE position >= ${position}; ${FORGET_INDEX}`)
      assert.notDeepEqual(await found(log), [], `from ${position} on`)
    }
  })

  test('whose end was cut off, by whoever kept a checkpoint', async () => {
    await using log = await copy()
    const [kept] = await log.withStore(store =>
      all(store.readStream('audit-checkpoints', { direction: 'backward', limit: 1 })),
    )
    log.damage(`DELETE FROM events ${at(last())}; ${FORGET_INDEX}`)
    await rm(log.checkpointFile)
    assert.deepEqual((await log.audit()).findings, [])
    const { findings } = await log.audit({ since: { id: kept?.id as string } })
    assert.match(findings[0]?.fault ?? '', /the log does not have it/)
  })

  test('whose checkpoint was changed, and that was signed by somebody else', async () => {
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
    assert.match(findings[0]?.fault ?? '', /is none of the keys of this log/)
  })

  test('that was written anew and signed with another key', async () => {
    await using forged = await SignedLog.create()
    await forged.fill()
    const publicKey = original.keys.read()?.public
    const { checkpointFile } = original
    await assert.rejects(forged.audit({ publicKey, checkpointFile }), UnrelatedLog)
    const { findings } = await forged.audit({ publicKey, mustBeSigned: true })
    assert.deepEqual(
      findings.map(({ fault }) => fault.replace(/[0-9a-f]{16}/, 'K')),
      ['key K is none of the keys of this log', 'the newest is not signed by key K, nor by a key that it introduced'],
    )
  })

  for (const [what, sql] of [
    ['the end', `DELETE FROM events WHERE position > 2; ${FORGET_INDEX}`],
    ['every checkpoint', `DELETE FROM events WHERE stream = 'audit-checkpoints'; ${FORGET_INDEX}`],
    ['everything', `DELETE FROM events; ${FORGET_INDEX}`],
  ] as const)
    test(`that lost ${what}, and is no other log for that`, async () => {
      await using log = await copy()
      log.damage(sql)
      assert.notDeepEqual((await log.audit()).findings, [])
    })

  test('whose newest checkpoint leads nowhere, though its signature and its events are right', async () => {
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

  test('of which any byte of an event was changed to another', async () => {
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

describe('a log that was damaged in several places', () => {
  test('has findings, the same ones each time', async () => {
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

  test('is compared with each checkpoint at the right event, past an event that cannot be read', async () => {
    await using log = await copy()
    const [, position] = log.positionsOf('listener-west.b')
    log.damage(`UPDATE events SET data = 'none' ${at(position as number)}`)
    const faults = await found(log)
    assert.equal(faults.length, 2, faults.join('\n'))
    assert.match(faults[0] ?? '', /its data is/)
    assert.ok(inRange(faults[1] ?? '', position as number))
  })
})

describe('what is remembered of a checkpoint', () => {
  test('is not gone on from where it does not add up: nothing is signed until somebody has looked', async () => {
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

const inRange = (fault: string, position: number): boolean => {
  const [, from, to] = /position (\d+) to position (\d+)/.exec(fault) ?? []
  return from !== undefined && Number(from) <= position && position <= Number(to)
}
