import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { TokenAuthenticator } from '../../../src/auth/authenticator.ts'
import { FileTokens } from '../../../src/auth/file-tokens.ts'
import { changeTokens, newToken, readTokens } from '../../../src/auth/token-file.ts'
import { bearer } from '../../support/credentials.ts'
import { eventually } from '../../support/eventually.ts'
import { CREATE_LISTENER, listenerInput } from '../../support/operations.ts'
import { ServedHark } from '../../support/process/served-hark.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { overWebSocket } from '../../support/subscription-client.ts'
import { TestServer } from '../../support/test-server.ts'
import { type Outcome, Output, run, runInProcess, start } from '../hark.ts'

let folder: Awaited<ReturnType<typeof scratchFolder>>
before(async () => {
  folder = await scratchFolder()
})
after(() => folder[Symbol.asyncDispose]())

/** `hark token` on a data folder of this name. */
const tokens = (data: string) => {
  const path = join(folder.path, data)
  const file = join(path, 'tokens.json')
  const hark = (command: string): Promise<Outcome> => runInProcess(['token', ...command.split(' '), '--data', path])
  const create = async (command: string): Promise<string> => {
    const { status, stdout, stderr } = await hark(`create ${command}`)
    assert.equal(status, 0, stderr)
    return stdout.trim()
  }
  const list = async () => JSON.parse((await hark('list -o json')).stdout)
  return { path, file, hark, create, list }
}

/** Whether a process has a file open now. */
const hasOpened = (pid: number, file: string): boolean =>
  readdirSync(`/proc/${pid}/fd`).some(fd => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === file
    } catch {
      return false
    }
  })

describe('hark token', { concurrency: 3 }, () => {
  test('prints a token once and stores its hash in a file of mode 600', async () => {
    const { path, file, hark, list } = tokens('once')
    const { status, stdout, stderr } = await hark(
      'create alice --role operator:staging,test --role viewer --expires 90d',
    )
    assert.equal(status, 0)
    assert.match(stdout, /^hark_[\w-]{43}\n$/)
    assert.equal(
      stderr,
      'Created token for alice (operator:staging,test and viewer). It is shown only once; set it as HARK_TOKEN:\n',
    )
    const token = stdout.trim()
    for (const name of readdirSync(path)) assert.ok(!readFileSync(join(path, name), 'utf8').includes(token), name)
    assert.ok(readFileSync(file, 'utf8').includes(createHash('sha256').update(token).digest('hex')))
    for (const name of readdirSync(path)) assert.equal(statSync(join(path, name)).mode & 0o777, 0o600, name)

    const [{ id, createdAt, expiresAt, ...shown }] = await list()
    assert.deepEqual(shown, { name: 'alice', roles: ['operator:staging,test', 'viewer'], state: 'valid' })
    assert.equal(Date.parse(expiresAt) - Date.parse(createdAt) > 89.9 * 86_400_000, true)
    const table = await hark('list')
    assert.match(
      table.stdout,
      /^NAME +ROLES +STATE +CREATED +EXPIRES +ID\nalice +operator:staging,test viewer +valid +/,
    )
    assert.ok(table.stdout.includes(id))
    assert.doesNotMatch(table.stdout, /hark_|[0-9a-f]{64}/)
  })

  test('revokes a token by its name, or by its id if the name has several', async () => {
    const { hark, file, path } = tokens('several')
    assert.match((await hark('list')).stderr, /^There are no tokens: authentication is off\.\n$/)
    mkdirSync(path, { recursive: true })
    const [first, second] = ['bob', 'bob', 'carol'].map(name => {
      const { entry } = newToken({ name, grants: [{ role: 'viewer', namespaces: 'all' }] })
      changeTokens(file, others => [...others, entry])
      return entry.id
    })
    const failed = (line: string): Outcome => ({ status: 1, stdout: '', stderr: `error: ${line}\n` })
    assert.deepEqual(await hark('revoke bob'), failed('bob has 2 valid tokens: pass the id of one'))
    assert.equal((await hark(`revoke ${second}`)).status, 0)
    assert.equal((await hark('revoke bob')).status, 0)
    assert.deepEqual(await hark('revoke bob'), failed('there is no valid token with the name or id bob'))
    const revoked = readTokens(file)?.filter(({ revokedAt }) => revokedAt !== undefined)
    assert.deepEqual(
      revoked?.map(({ id }) => id),
      [first, second],
    )
  })

  test('creates nothing unless it creates a token', async () => {
    const { path, hark } = tokens('absent')
    assert.deepEqual([(await hark('list')).status, (await hark('list -o json')).stdout], [0, '[]\n'])
    assert.match((await hark('revoke bob')).stderr, /^error: there is no valid token with the name or id bob\n$/)
    assert.equal(existsSync(path), false)
  })

  const WRONG: Record<string, [command: string, words: RegExp]> = {
    'an unknown role': ['create a --role root', /--role: "root" must be one of viewer, operator, auditor, admin/],
    'a name with a slash': ['create a/b --role viewer', /the name must be 1 to 100 letters, digits and/],
    'a reserved name': ['create agent --role viewer', /agent is reserved, or looks like a reserved name/],
    'a lifetime without a unit': ['create a --role viewer --expires soon', /'soon' is invalid.*12h or 90d/],
  }
  for (const [what, [command, words]] of Object.entries(WRONG))
    test(`rejects ${what}`, async () => {
      const { hark, path } = tokens(`wrong with ${what}`)
      const { status, stdout, stderr } = await hark(command)
      assert.deepEqual([status, stdout], [2, ''])
      assert.match(stderr, words)
      assert.doesNotMatch(stderr, /\bat .*\.[jt]s\b/)
      assert.equal(statSync(join(path, 'tokens.json'), { throwIfNoEntry: false }), undefined)
    })

  test('keeps every token that is created at the same time', async () => {
    const { path, file } = tokens('crowd')
    const names = Array.from({ length: 4 }, (_, index) => `t${index}`)
    const made = await Promise.all(
      names.map(name => run(['token', 'create', name, '--role', 'viewer', '--data', path])),
    )
    for (const { status, stderr } of made) assert.equal(status, 0, stderr)
    assert.equal(new Set(made.map(({ stdout }) => stdout)).size, names.length)
    assert.deepEqual(
      readTokens(file)
        ?.map(({ name }) => name)
        .sort(),
      names,
    )
    assert.deepEqual(readdirSync(path).sort(), ['tokens.json', 'tokens.json.lock'])
  })

  test('waits for a process that holds the lock, and not for one that died', {
    skip: !existsSync('/proc/self/fd'),
  }, async () => {
    const { create, path, file } = tokens('dead')
    mkdirSync(path)
    writeFileSync(`${file}.lock`, '')
    await create('alice --role viewer')
    const other = new DatabaseSync(`${file}.lock`)
    other.exec('BEGIN EXCLUSIVE')
    const waiting = start(['token', 'create', 'bob', '--role', 'viewer', '--data', path])
    await eventually(() => hasOpened(waiting.pid as number, `${file}.lock`))
    assert.doesNotMatch(readFileSync(file, 'utf8'), /bob/)
    other.close()
    await new Output(waiting.stdout!).until(/^hark_/)
    assert.match(readFileSync(file, 'utf8'), /alice[\s\S]*bob/)
  })

  test('reports a broken file and leaves it unchanged, as an engine does that starts', async () => {
    const { hark, path, file } = tokens('broken')
    mkdirSync(path)
    for (const text of ['{', '{"tokens":[{"name":"root"}]}', '[]', '']) {
      writeFileSync(file, text)
      assert.throws(
        () => new FileTokens(file, { error: () => undefined }),
        /tokens\.json (is not JSON|must contain tokens: )/,
      )
    }
    for (const command of ['list', 'create a --role viewer']) {
      assert.deepEqual(await hark(command), { status: 1, stdout: '', stderr: `error: ${file} is not JSON\n` })
    }
    assert.equal(readFileSync(file, 'utf8'), '')
    const { status, stderr } = await runInProcess(['serve', '--port', '0', '--data', path])
    assert.equal(status, 2)
    assert.match(stderr, /^error: \S+\/broken\/tokens\.json is not JSON\n$/)
  })
})

describe('token changes on a running engine', () => {
  test('take effect within a second', async () => {
    const { path, file, hark, create } = tokens('running')
    mkdirSync(path)
    const troubles: object[] = []
    const logger = { error: (details: object) => void troubles.push(details) }
    const authenticator = new TokenAuthenticator(new FileTokens(file, logger))
    await using engine = await TestServer.start({ server: { authenticator } })
    assert.ok(await engine.data('{ head }'))
    const watch = 'subscription { listeners { position } }'
    await using early = await overWebSocket(engine.url, watch)
    await engine.data(CREATE_LISTENER, { input: listenerInput('early') })
    assert.ok((await early.next())?.data)

    const admin = await create('alice --role admin')
    const status = async (token?: string) => (await engine.graphql('{ head }', {}, token ? bearer(token) : {})).status
    assert.equal(await status(admin), 200)
    await eventually(async () => (await status()) === 401, 1500)
    // Subscriptions opened without authentication end.
    const last = await early.next().then(result => result?.errors)
    assert.equal(last?.[0]?.extensions.code, 'UNAUTHENTICATED')

    const viewer = await create('bob --role viewer')
    assert.equal(await status(viewer), 200)
    const command = async (token: string): Promise<Outcome> =>
      runInProcess(['create', 'listener', 'backend', '80'], { env: { HARK_SERVER: engine.url, HARK_TOKEN: token } })
    assert.equal((await command(admin)).status, 0)
    assert.deepEqual(await command(viewer), {
      status: 1,
      stdout: '',
      stderr: 'Error from server (Forbidden): bob may not change namespace default\n',
    })
    const ask = async (words: string, token: string) => {
      const env = { HARK_SERVER: engine.url, HARK_TOKEN: token }
      const { status, stdout } = await runInProcess(words.split(' '), { env })
      return [status, stdout]
    }
    assert.deepEqual(await ask('can-i update listeners', viewer), [1, 'no\n'])
    assert.deepEqual(await ask('can-i get listeners -A', viewer), [0, 'yes\n'])
    assert.match(String((await ask('status', viewer))[1]), /^Signing: +not shown to you$/m)
    assert.deepEqual(await command(''), {
      status: 1,
      stdout: '',
      stderr: 'Error from server (Unauthorized): Authentication is required: set HARK_TOKEN to a valid token\n',
    })
    const watching = await runInProcess(['get', 'listeners', '-w'], {
      env: { HARK_SERVER: engine.url, HARK_TOKEN: 'wrong' },
    })
    assert.equal(watching.status, 1)
    assert.match(
      watching.stderr,
      /^Error from server \(Unauthorized\): The token is unknown, revoked or expired: set HARK_TOKEN .*\n$/,
    )

    await hark('revoke bob')
    await eventually(async () => (await status(viewer)) === 401, 1000)
    assert.equal(await status(admin), 200)
    const { errors = [] } = await engine.graphql(CREATE_LISTENER, { input: listenerInput('late') }, bearer(viewer))
    assert.equal(errors[0]?.extensions.code, 'UNAUTHENTICATED')

    // While the file cannot be read, the tokens read before stay valid, and the error is logged once.
    writeFileSync(file, '{')
    for (let guess = 0; guess < 20; guess++) assert.equal(await status('guess'), 401)
    assert.equal(await status(admin), 200)
    assert.equal(troubles.length, 1)
  })

  test('keep authentication required if the file is deleted', async () => {
    const { path, file, create } = tokens('deleted')
    mkdirSync(path)
    const viewer = await create('bob --role viewer')
    const authenticator = new TokenAuthenticator(new FileTokens(file, { error: () => undefined }))
    await using engine = await TestServer.start({ server: { authenticator } })
    const statusOf = async (token?: string) => (await engine.graphql('{ head }', {}, token ? bearer(token) : {})).status
    assert.equal(await statusOf(viewer), 200)
    rmSync(file)
    await eventually(async () => (await statusOf(viewer)) === 401, 1500)
    assert.equal(await statusOf(), 401)
    assert.equal(authenticator.enabled, true)
  })

  test('keep valid tokens valid while the folder cannot be read', async () => {
    const { path, file, create } = tokens('closed')
    const admin = await create('alice --role admin')
    const authenticator = new TokenAuthenticator(new FileTokens(file, { error: () => undefined }))
    const root = await authenticator.authenticate(`Bearer ${admin}`)
    renameSync(path, `${path}-away`)
    symlinkSync(path, path)
    await assert.rejects(authenticator.authenticate('Bearer guess'), { code: 'UNAUTHENTICATED' })
    await assert.rejects(authenticator.authenticate(undefined), { code: 'UNAUTHENTICATED' })
    assert.ok(root.isValid())
    assert.equal((await authenticator.authenticate(`Bearer ${admin}`)).name, 'alice')
  })

  test('are in the audit report, as are refused tokens', async () => {
    const { path, hark, create } = tokens('audited')
    const admin = await create('alice --role admin')
    await create('bob --role viewer --expires 1d')
    await using engine = await ServedHark.start(['--data', path])
    await engine.ready()
    const harkWith = (token: string, ...args: string[]): Promise<Outcome> =>
      runInProcess(args, { env: { HARK_SERVER: engine.url, HARK_TOKEN: token } })
    assert.equal((await harkWith('wrong', 'get', 'listeners')).status, 1)
    assert.equal((await hark('revoke bob')).status, 0)
    const entries = async (): Promise<string[]> => {
      const { status, stdout, stderr } = await harkWith(admin, 'audit', 'report', '-o', 'jsonl')
      assert.equal(status, 0, stderr)
      return stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
        .filter(({ resource }) => resource?.kind === 'Token')
        .map(({ action, resource, message }) => [action, resource.name, message].filter(part => part != null).join(' '))
    }
    await eventually(async () => (await entries()).length === 4)
    assert.deepEqual((await entries()).sort(), ['create alice', 'create bob', 'delete bob', 'refuse 1 from 127.0.0.1'])
  })
})
