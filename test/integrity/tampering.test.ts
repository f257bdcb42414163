import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { exportLog } from '../../src/ops/transfer/export-log.ts'
import { importLog } from '../../src/ops/transfer/import-log.ts'
import { all } from '../contract/event-store/events.ts'
import { createListener, updatePort } from '../support/commands.ts'
import { SignedLog } from '../support/signed-log.ts'
import { ALICE } from '../support/test-engine.ts'
import { at, FORGET_INDEX, found, inRange, originalLog, type Row } from './original-log.ts'

const { original, rows, copy, resourceEvents, last } = await originalLog()

/** A sample for changes whose detection does not depend on the event. */
const someEvents = (): readonly Row[] => resourceEvents().filter((_, index) => index % 3 === 0)

/** No two rows may have the same position at any time. */
const swap = (a: number, b: number): string =>
  `UPDATE events SET position = -1 WHERE position = ${a}; UPDATE events SET position = ${a} WHERE position = ${b}; UPDATE events SET position = ${b} WHERE position = -1`

/** Moves later events so that no position is missing, and has the stream index rebuilt, as a careful forger would. */
const closeGap = (position: number): string =>
  `UPDATE events SET position = position - 1 WHERE position > ${position}; ${FORGET_INDEX}`
const openGap = (position: number): string =>
  `UPDATE events SET position = -position WHERE position > ${position}; UPDATE events SET position = 1 - position WHERE position < 0`

const CHANGES: Record<string, string> = {
  'its data': `data = replace(data, '"west"', '"East"')`,
  'one character of its data': `data = substr(data, 1, length(data) - 2) || 'x' || substr(data, -1)`,
  'its actor': `metadata = replace(metadata, 'alice', 'mallory')`,
  'its way in': `metadata = replace(metadata, 'graphql', 'cli')`,
  'its type': `type = 'HostUpdated'`,
  'its id': `id = '00000000-0000-4000-8000-000000000000'`,
  'its time': `time = '2020-01-01T00:00:00.000Z'`,
}

describe('verifyLog on an intact log', () => {
  test('finds nothing, and counts events, checkpoints and signed events', async () => {
    const audited = await original.audit()
    assert.deepEqual(audited.findings, [])
    assert.equal(audited.events, rows.length)
    assert.equal(audited.checkpoints, 2)
    assert.equal(audited.signedEvents, rows.length - 1)
    assert.equal(audited.keyId, original.keys.read()?.public.id)
  })

  test('ignores whitespace added to the JSON of events', async () => {
    await using log = await copy()
    log.damage(`UPDATE events SET data = ' ' || data, metadata = replace(metadata, '","', '", "')`)
    assert.deepEqual(await found(log), [])
  })

  test('rejects with the reason when the signal aborts', async () => {
    const aborted = AbortSignal.abort(new Error('enough'))
    await assert.rejects(original.audit({ signal: aborted }), /enough/)
  })

  test('finds nothing after further runs of an engine, with and without its stored checkpoint', async () => {
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

describe('verifyLog on an imported log', () => {
  test('finds nothing in an unchanged copy, and a change made in the exported file', async () => {
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

describe('verifyLog on changed events', () => {
  for (const [what, change] of Object.entries(CHANGES)) {
    test(`reports the position of an event if ${what} was changed`, async () => {
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

  test('reports a removed event, also if the later positions were moved up', async () => {
    for (const { position } of resourceEvents()) {
      await using log = await copy()
      log.damage(`DELETE FROM events ${at(position)}`)
      assert.notDeepEqual(await found(log), [], `${position}`)
      log.damage(closeGap(position))
      assert.notDeepEqual(await found(log), [], `${position}, closed`)
    }
  })

  test('reports a removed event if the later revisions of its stream were renumbered', async () => {
    const [first] = resourceEvents()
    const { stream, revision, position } = resourceEvents().find(
      row => row.stream === first?.stream && row.revision === 2,
    ) as Row
    await using log = await copy()
    log.damage(`DELETE FROM events ${at(position)}; ${closeGap(position)}`)
    log.damage(`UPDATE events SET revision = revision - 1 WHERE stream = '${stream}' AND revision > ${revision}`)
    assert.match((await found(log)).join('\n'), /one of the two was changed/)
  })

  test('reports the removed first event of a stream that is not signed yet', async () => {
    await using log = await copy()
    await log.run(async ({ engine }) => {
      await engine.execute(createListener('new'), { caller: ALICE })
      await engine.execute(updatePort('new', 99), { caller: ALICE })
    })
    // Events that are not signed yet are protected by their links alone.
    log.damage(`DELETE FROM events WHERE stream = 'audit-checkpoints' AND position > ${last()}`)
    const [position] = log.positionsOf('listener-west.new')
    log.damage(`DELETE FROM events ${at(position as number)}; ${closeGap(position as number)}`)
    log.damage(`UPDATE events SET revision = revision - 1 WHERE stream = 'listener-west.new'`)
    await rm(log.checkpointFile)
    assert.match((await found(log)).join('\n'), /it links to an earlier event that is missing/)
  })

  test('reports an event without a link to the previous event of its stream', async () => {
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

  test('reports an event that was inserted into a stream', async () => {
    for (const { position, stream, revision } of someEvents()) {
      await using log = await copy()
      log.damage(openGap(position))
      log.damage(
        `INSERT INTO events SELECT position + 1, stream, revision + 1, '00000000-0000-4000-8000-000000000000', type, time, data, metadata FROM events ${at(position)}; ${FORGET_INDEX}`,
      )
      assert.notDeepEqual(await found(log), [], `after ${stream} ${revision}`)
    }
  })

  test('reports an event that was inserted as a new stream', async () => {
    await using log = await copy()
    log.damage(openGap(4))
    log.damage(
      `INSERT INTO events SELECT 5, 'listener-west.z', 0, '00000000-0000-4000-8000-000000000000', type, time, data, '{}' FROM events ${at(4)}; ${FORGET_INDEX}`,
    )
    assert.match((await found(log)).join('\n'), /inserted or moved/)
  })

  test('reports two events whose positions were swapped', async () => {
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
