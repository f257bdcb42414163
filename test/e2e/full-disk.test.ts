import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { allEvents, CREATE, createInput, type GraphQLResult } from '../support/process/http-hark.ts'
import { ServedHark } from '../support/process/served-hark.ts'
import { RunningHark } from '../support/running-hark.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { overEvents } from '../support/subscription-client.ts'

/** Limits the size of files, so that writes fail as on a full disk. */
const limitFiles = (pid: number, bytes: number | 'unlimited'): void =>
  void execFileSync('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:unlimited`])

const skip = spawnSync('prlimit', ['--version']).status !== 0 && 'no prlimit on this machine'
const ROOM = 200_000
const MOST_COMMANDS = 2000

const codeOf = ({ errors }: GraphQLResult): string | undefined => errors?.[0]?.extensions.code

test('hark serve › rejects commands and serves reads on a full disk, and recovers without a restart', {
  skip,
}, async () => {
  await using folder = await scratchFolder()
  const args = ['--data', folder.path, '--log-level', 'info']
  await using hark = await RunningHark.start(args)
  await hark.ready()
  await using live = await overEvents(hark.url, 'subscription { listeners(namespace: "shop") { name } }')
  const acknowledged = new Set<number>()
  const create = async (index: number): Promise<GraphQLResult> => {
    const result = await hark.graphql(CREATE, { input: createInput(index) })
    if (result.errors === undefined) acknowledged.add(index)
    return result
  }
  await create(0)
  assert.equal((await live.next())?.data?.listeners.name, 'listener-0')

  limitFiles(hark.pid, statSync(join(folder.path, 'events.db-wal')).size + ROOM)
  let refused: GraphQLResult = {}
  let next = 1
  while (refused.errors === undefined && next < MOST_COMMANDS) refused = await create(next++)
  assert.equal(codeOf(refused), 'UNAVAILABLE')
  assert.match(refused.errors?.[0]?.message ?? '', /^the event store could not write: the disk /)
  assert.ok(!JSON.stringify(refused).includes(folder.path))
  for (let more = 0; more < 30; more += 1) assert.equal(codeOf(await create(next++)), 'UNAVAILABLE')

  const { data } = await hark.graphql('{ listeners(namespace: "shop", first: 1) { totalCount } }')
  assert.equal(data.listeners.totalCount, acknowledged.size)
  assert.equal((await allEvents(hark)).filter(({ type }) => type === 'ListenerCreated').length, acknowledged.size)
  const { status, reasons } = await hark.readiness()
  assert.equal(status, 200)
  assert.match(reasons.join(), /^the event store cannot write: the disk /)
  assert.equal(await hark.metric('hark_store_writable'), 0)
  assert.equal(hark.log.text.match(/the event log cannot be written/g)?.length, 1)

  limitFiles(hark.pid, 'unlimited')
  // Recovery is noticed without a command.
  await eventually(async () => (await hark.readiness()).reasons.length === 0)
  assert.equal(await hark.metric('hark_store_writable'), 1)
  await create(next)
  assert.ok(acknowledged.has(next))
  for (let name = ''; name !== `listener-${next}`; ) name = (await live.next())?.data?.listeners.name

  await hark.stop()
  assert.equal(await hark.exitStatus(), 0)
  await using again = await ServedHark.start(args)
  await again.ready()
  const streams = (await allEvents(again)).filter(({ type }) => type === 'ListenerCreated').map(({ stream }) => stream)
  assert.equal(new Set(streams).size, streams.length, 'nothing was done twice')
  for (const index of acknowledged)
    assert.ok(streams.includes(`listener-shop.listener-${index}`), `listener ${index} was answered`)
})
