import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { allEvents, CREATE, createInput, type HttpHark } from '../support/process/http-hark.ts'
import { ServedHark } from '../support/process/served-hark.ts'
import { RunningHark } from '../support/running-hark.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const MUTATIONS = 800
const CONNECTIONS = 64

/** The rows of read-models.db. */
const rowsOf = (folder: string): unknown[] => {
  const database = new DatabaseSync(join(folder, 'read-models.db'), { readOnly: true })
  try {
    return database.prepare('SELECT * FROM rows ORDER BY model, "table", key').all()
  } finally {
    database.close()
  }
}

/** Sends all mutations over many connections; returns the uids of those that were acknowledged. */
const sendAll = async (hark: HttpHark, onAnswered: (count: number) => void): Promise<Map<number, string>> => {
  const answered = new Map<number, string>()
  let next = 0
  const send = async (): Promise<void> => {
    while (next < MUTATIONS) {
      const index = next++
      const { data, errors } = await hark.graphql(CREATE, { input: createInput(index) })
      assert.equal(errors, undefined)
      answered.set(index, data.createListener.listener.metadata.uid)
      onAnswered(answered.size)
    }
  }
  await Promise.allSettled(Array.from({ length: CONNECTIONS }, send))
  return answered
}

test('hark serve › keeps every acknowledged mutation, once, when it is killed amid 800', async () => {
  await using folder = await scratchFolder()
  const args = ['--data', folder.path]
  const first = await RunningHark.start(args)
  await first.ready()
  let killed: Promise<void> | undefined
  const answered = await sendAll(first, count => {
    if (count === MUTATIONS / 2) killed = first.kill()
  })
  await killed
  assert.ok(answered.size >= MUTATIONS / 2 && answered.size < MUTATIONS, `${answered.size} were answered`)

  await using second = await ServedHark.start(args)
  await second.ready()
  const created = (await allEvents(second)).filter(({ type }) => type === 'ListenerCreated')
  const streams = new Set(created.map(({ stream }) => stream))
  assert.equal(streams.size, created.length, 'no listener was created twice')
  for (const index of answered.keys())
    assert.ok(streams.has(`listener-shop.listener-${index}`), `listener ${index} was answered`)

  // Unacknowledged commands are sent again: then all exist, and the acknowledged ones keep their uid.
  const again = await sendAll(second, () => {})
  assert.equal(again.size, MUTATIONS)
  for (const [index, uid] of answered) assert.equal(again.get(index), uid)
  const { data } = await second.graphql('{ listeners(namespace: "shop", first: 1) { totalCount } }')
  assert.equal(data.listeners.totalCount, MUTATIONS)
  const all = (await allEvents(second)).filter(({ type }) => type === 'ListenerCreated')
  assert.equal(all.length, MUTATIONS)

  await second.stop()
  const rows = rowsOf(folder.path)
  assert.ok(rows.length > MUTATIONS)
  await rm(join(folder.path, 'read-models.db'))
  await using rebuilt = await ServedHark.start(args)
  await rebuilt.ready()
  await rebuilt.stop()
  assert.deepEqual(rowsOf(folder.path), rows)
})
