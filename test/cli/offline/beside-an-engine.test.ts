import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { CREATE, createInput } from '../../support/process/http-hark.ts'
import { RunningHark } from '../../support/running-hark.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { type Outcome, runInProcess } from '../hark.ts'

const EXISTING = 300
/** Its endpoint is reserved, and it is created. */
const EVENTS_EACH = 2

interface Beside extends Outcome {
  /** The number of listeners before and after the command. */
  readonly from: number
  readonly to: number
}

describe('beside an engine that writes', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  let data: string
  let hark: RunningHark
  let count = 0

  const createOne = async (): Promise<void> => {
    const { errors } = await hark.graphql(CREATE, { input: createInput(count++) })
    assert.equal(errors, undefined)
  }
  const head = async (): Promise<number> => Number((await hark.graphql('{ head }')).data.head)

  before(async () => {
    folder = await scratchFolder()
    data = join(folder.path, 'data')
    hark = await RunningHark.start(['--data', data, '--checkpoint-seconds', '1'])
    await hark.ready()
    await Promise.all(Array.from({ length: EXISTING }, createOne))
  })
  after(async () => {
    await hark.kill()
    await folder[Symbol.asyncDispose]()
  })

  /** Runs a command while listeners are created. */
  const besideWrites = async (...args: string[]): Promise<Beside> => {
    const from = count
    const ended = new AbortController()
    const running = runInProcess(args).finally(() => ended.abort())
    do await createOne()
    while (!ended.signal.aborted)
    const outcome = await running
    assert.equal(outcome.status, 0, outcome.stderr)
    return { ...outcome, from, to: count }
  }

  const assertWithin = (listeners: number, { from, to, stderr }: Beside): void =>
    assert.ok(from <= listeners && listeners <= to, `${from} <= ${listeners} <= ${to}: ${stderr}`)

  it('export › writes the log as of one moment, and later what is new', async () => {
    const [file, whole] = [join(folder.path, 'log.jsonl'), join(folder.path, 'whole.jsonl')]
    const exported = await besideWrites('export', file, '--data', data)
    const first = readFileSync(file, 'utf8')
    const types = first
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).type)
    assertWithin(types.filter(type => type === 'ListenerCreated').length, exported)
    await besideWrites('export', file, '--data', data)
    assert.ok(readFileSync(file, 'utf8').startsWith(first))
    await besideWrites('export', whole, '--data', data)
    assert.ok(readFileSync(whole, 'utf8').startsWith(readFileSync(file, 'utf8')))
  })

  it('verify › checks the log as of one moment, and reports that the read models were not checked', async () => {
    const verified = await besideWrites('verify', '--data', data)
    const [, events] = /^(\d+) events checked\.\nThe read models were not checked, /m.exec(verified.stderr) ?? []
    assertWithin(Number(events) / EVENTS_EACH, verified)
    assert.match(verified.stderr, /^No faults found\.$/m)
  })

  it('audit verify, prove and checkpoint › find no fault in the log as of one moment', async () => {
    const signed = async (): Promise<Outcome> => {
      for (;;) {
        const checkpoint = await runInProcess(['audit', 'checkpoint', '--data', data])
        if (checkpoint.status === 0) return checkpoint
        assert.match(checkpoint.stderr, /no checkpoint yet/)
        await createOne()
      }
    }
    assert.ok(JSON.parse((await signed()).stdout).data.events > 0)
    const verified = await besideWrites('audit', 'verify', '--data', data, '-o', 'json')
    const { events, signedEvents, findings } = JSON.parse(verified.stdout)
    assert.deepEqual(findings, [])
    assert.ok(signedEvents > 0)
    assert.ok(EVENTS_EACH * verified.from < events && events <= (await head()), `${events} events`)
    const proof = await besideWrites('audit', 'prove', '3', '--data', data)
    const file = join(folder.path, 'proof.json')
    writeFileSync(file, proof.stdout)
    const checked = await runInProcess(['audit', 'verify', '--proof', file, '--data', data])
    assert.equal(checked.status, 0, checked.stderr)
  })

  it('timeline --store › reads the log as of one moment', async () => {
    const store = ['-n', 'shop', '--store', `sqlite:${join(data, 'events.db')}`]
    const { stdout } = await besideWrites('timeline', 'listener', 'listener-0', ...store, '-o', 'json')
    assert.equal(JSON.parse(stdout).transitions, 0)
    const listed = await besideWrites('audit', 'report', ...store, '-o', 'jsonl')
    assertWithin(listed.stdout.trim().split('\n').length, listed)
  })

  it('the commands › leave a log and read models that are intact, and no file beside them', async () => {
    await hark.stop()
    const { status, stderr } = await runInProcess(['verify', '--data', data])
    assert.equal(status, 0, stderr)
    assert.match(stderr, /rows with their history checked/)
    assert.deepEqual(
      readdirSync(data).filter(name => /-(wal|shm)$/.test(name)),
      [],
    )
  })
})
