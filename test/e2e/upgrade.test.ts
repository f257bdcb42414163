import assert from 'node:assert/strict'
import { chmodSync, copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { runInProcess } from '../cli/hark.ts'
import { ServedHark } from '../support/process/served-hark.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { ROOT } from '../support/tree.ts'

const RELEASE = join(ROOT, 'test/fixtures/data-folders/0.1.0')
const HARK_TOKEN = 'hark_Hj9JlWXyqji4dy7QzDXQ0iRTGG58FL3IQho7jUlH2_4'

const queried = <Result>(file: string, query: (database: DatabaseSync) => Result): Result => {
  const database = new DatabaseSync(file)
  try {
    return query(database)
  } finally {
    database.close()
  }
}

const rowsOf = (file: string, sql: string): readonly Readonly<Record<string, unknown>>[] =>
  queried(file, database => database.prepare(sql).all())

/** Names and definitions of tables and indexes, and the number of the layout. */
const layoutOf = (file: string): unknown => [
  rowsOf(file, 'SELECT type, name, sql FROM sqlite_schema ORDER BY type, name'),
  rowsOf(file, 'PRAGMA user_version'),
]

const LOG = 'SELECT * FROM events ORDER BY position'
const kindsOf = (file: string): readonly string[] =>
  rowsOf(file, LOG).map(({ type, metadata }) => `${type} v${JSON.parse(String(metadata)).schemaVersion}`)

describe('the data folder of release 0.1.0', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  /** A copy, because SQLite changes files that it only reads. */
  let original: Awaited<ReturnType<typeof scratchFolder>>
  const path = (name: string): string => join(folder.path, name)
  const outputs = new Map<string, string>()

  /** Runs a command, which must succeed. */
  const done = async (url: string, command: string): Promise<string> => {
    const { status, stdout, stderr } = await runInProcess(command.split(' '), { env: { HARK_TOKEN, HARK_SERVER: url } })
    assert.equal(status, 0, `${command}: ${stderr}`)
    return stdout
  }

  before(async () => {
    folder = await scratchFolder()
    original = await scratchFolder()
    for (const name of readdirSync(RELEASE)) {
      for (const copy of [path(name), join(original.path, name)]) {
        copyFileSync(join(RELEASE, name), copy)
        chmodSync(copy, 0o600)
      }
    }
    await using hark = await ServedHark.start(['--data', folder.path, '--checkpoint-seconds', '1'])
    for (const command of [
      'get listeners -A -o name',
      'get listener backend -n west -o jsonpath={.spec.port}',
      'get connectors -A -o name',
      'history listener backend -n west',
      'update listener backend -n west --port 9191',
      'create listener more 1 -n west',
      'delete listener db -n west',
      'get listeners -n west -o name',
    ])
      outputs.set(command, await done(hark.url, command))
  })
  after(async () => {
    await folder[Symbol.asyncDispose]()
    await original[Symbol.asyncDispose]()
  })

  it('is served: resources, histories and tokens', () => {
    assert.equal(outputs.get('get listeners -A -o name'), 'listener.skupper.io/backend\nlistener.skupper.io/db\n')
    assert.equal(outputs.get('get listener backend -n west -o jsonpath={.spec.port}'), '8081\n')
    assert.equal(outputs.get('get connectors -A -o name'), 'connector.skupper.io/backend\n')
    assert.match(outputs.get('history listener backend -n west') ?? '', /ListenerCreated[\s\S]*PortUpdated/)
    assert.equal(
      outputs.get('get listeners -n west -o name'),
      'listener.skupper.io/backend\nlistener.skupper.io/more\n',
    )
  })

  it('keeps every event as it was, and goes on with the same key', async () => {
    const [old, now] = [rowsOf(join(original.path, 'events.db'), LOG), rowsOf(path('events.db'), LOG)]
    assert.deepEqual(now.slice(0, old.length), old)
    assert.ok(now.length > old.length)
    for (const command of ['verify', 'audit verify']) {
      const { status, stderr } = await runInProcess([...command.split(' '), '--data', folder.path])
      assert.equal(status, 0, stderr)
    }
    assert.equal(kindsOf(path('events.db')).filter(kind => kind.startsWith('SigningKeyIntroduced')).length, 1)
  })

  it('can be given back to that release: it knows every file, table and event', () => {
    for (const file of ['events.db', 'checkpoints.db', 'read-models.db'])
      assert.deepEqual(layoutOf(path(file)), layoutOf(join(original.path, file)), file)
    const known = new Set(kindsOf(join(original.path, 'events.db')))
    assert.deepEqual(
      kindsOf(path('events.db')).filter(kind => !known.has(kind)),
      [],
    )
    assert.deepEqual(
      readdirSync(folder.path).filter(name => !readdirSync(RELEASE).includes(name)),
      ['events.db.lock'],
    )
  })
})
