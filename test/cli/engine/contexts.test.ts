import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { runInProcess } from '../hark.ts'

const requests: { readonly url: string; readonly token: string | undefined; readonly body: string }[] = []

/** Records what a command sends, and has no listeners. */
const server = createServer(async (request: IncomingMessage, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  if (request.method === 'POST') requests.push({ url: request.url ?? '', token: request.headers.authorization, body })
  const listeners = { edges: [], pageInfo: { hasNextPage: false, endCursor: null } }
  response.end(JSON.stringify({ data: { listeners } }))
})

let folder: Awaited<ReturnType<typeof scratchFolder>>
let url: string

before(async () => {
  folder = await scratchFolder()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(async () => {
  server.closeAllConnections()
  server.close()
  await folder[Symbol.asyncDispose]()
})
beforeEach(() => {
  requests.length = 0
})

let home = 0
/** Each with a folder of its own for its configuration. */
const user = () => {
  home += 1
  const XDG_CONFIG_HOME = join(folder.path, `home-${home}`)
  const file = join(XDG_CONFIG_HOME, 'hark', 'config.yaml')
  const hark = async (command: string, { env = {}, input = '' } = {}) => {
    const { status, stdout, stderr } = await runInProcess(command.split(' '), {
      env: { XDG_CONFIG_HOME, ...env },
      input,
    })
    return [status, stdout, stderr]
  }
  const write = (text: string, mode = 0o600) => {
    mkdirSync(join(XDG_CONFIG_HOME, 'hark'), { recursive: true })
    writeFileSync(file, text)
    chmodSync(file, mode)
  }
  return { hark, file, write }
}

const sent = () => requests.map(({ url, token, body }) => [url, token, JSON.parse(body).variables.namespace])

describe('config', () => {
  it('sets, lists, chooses and deletes contexts, in a file for the user alone', async () => {
    const { hark, file } = user()
    assert.deepEqual((await hark(`config set-context one --server ${url}/one -n west`)).slice(0, 1), [0])
    await hark('config set-context two --server http://two --token -', { input: 'secret\n' })
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal((await hark('config current-context'))[1], 'one\n')
    assert.deepEqual(await hark('config use-context two'), [0, 'Switched to context two.\n', ''])
    assert.equal(
      (await hark('config get-contexts'))[1],
      `CURRENT   NAME   SERVER${' '.repeat(url.length + 1)}NAMESPACE   TOKEN
          one    ${url}/one   west        no
*         two    http://two${' '.repeat(url.length - 3)}<none>      yes
`,
    )
    assert.equal((await hark('config get-contexts -o name'))[1], 'one\ntwo\n')
    assert.match(readFileSync(file, 'utf8'), /token: secret/)
    const shown = String((await hark('config view'))[1])
    assert.match(shown, /token: "?\[hidden\]/)
    assert.doesNotMatch(shown, /secret/)
    await hark('config set-context one -n east')
    assert.match(String((await hark('config view'))[1]), /one:\n +server: .*\/one\n +namespace: east/)
    await hark('config delete-context two')
    assert.deepEqual(await hark('config current-context'), [
      1,
      '',
      'error: there is no current context: see hark config use-context\n',
    ])
  })

  it('renames a context, which stays the current one', async () => {
    const { hark } = user()
    await hark('config set-context one --server http://one')
    await hark('config set-context two --server http://two')
    assert.deepEqual(await hark('config rename-context one first'), [0, 'Context one renamed to first.\n', ''])
    assert.equal((await hark('config current-context'))[1], 'first\n')
    assert.equal((await hark('config get-contexts -o name'))[1], 'first\ntwo\n')
    assert.equal((await hark('config get-contexts two --no-headers'))[1], '   two   http://two   <none>   no\n')
    assert.deepEqual(await hark('config rename-context two first'), [1, '', 'error: context first exists already\n'])
  })

  it('takes any name for a context, also one of a property of every object', async () => {
    const { hark } = user()
    for (const name of ['__proto__', 'constructor']) {
      await hark(`config set-context ${name} --server ${url}/${name}`)
      assert.equal((await hark(`get listeners --context ${name}`))[0], 0)
    }
    assert.deepEqual(
      sent().map(([path]) => path),
      ['/__proto__/graphql', '/constructor/graphql'],
    )
    assert.equal((await hark('config get-contexts -o name'))[1], '__proto__\nconstructor\n')
  })

  it('changes the current context by --current', async () => {
    const { hark } = user()
    assert.equal((await hark('config set-context --current -n west'))[0], 1)
    await hark('config set-context one --server http://one')
    assert.match(String((await hark('config set-context --current -n west'))[1]), /^Context one changed in /)
    assert.match(String((await hark('config view'))[1]), /namespace: west/)
    for (const command of ['config set-context --current one -n west', 'config set-context -n west'])
      assert.deepEqual(await hark(command), [2, '', 'error: name a context, or use --current\n'])
  })

  it('rejects a context that does not exist', async () => {
    const { hark } = user()
    const message = 'error: context ghost does not exist: see hark config get-contexts\n'
    for (const command of [
      'config use-context ghost',
      'config delete-context ghost',
      'get listeners --context ghost',
      'config rename-context ghost a',
      'config get-contexts ghost',
    ])
      assert.deepEqual(await hark(command), [1, '', message])
  })

  for (const [text, fault] of [
    ['contexts: [', /cannot be read: /],
    ['contexts: {a: {port: 1}}', /config\.yaml: contexts\.a\.port is unknown/],
    ['contexts: {a: {server: 1}}', /config\.yaml: contexts\.a\.server must be a text/],
    ['current: a', /config\.yaml: current is unknown/],
    ['currentContext: a\ncontexts: {a: {server: nowhere}}', /server of context a: must be a URL/],
  ] as const) {
    it(`reports the fault of the file ${JSON.stringify(text)}`, async () => {
      const { hark, write } = user()
      write(text)
      const [status, , stderr] = await hark('get listeners')
      assert.equal(status, 1)
      assert.match(String(stderr), fault)
    })
  }

  it('warns if others can read a token', { skip: process.platform === 'win32' }, async () => {
    const { hark, write } = user()
    write(`currentContext: a\ncontexts: {a: {server: "${url}", token: secret}}`, 0o644)
    assert.match(String((await hark('get listeners'))[2]), /^warning: .* holds tokens and others can read it/)
  })
})

describe('a command', () => {
  const file = () => `currentContext: a
contexts:
  a: {server: "${url}/a", namespace: west, token: of-a}
  b: {server: "${url}/b"}
`

  it('uses the current context, or the one that is named', async () => {
    const { hark, write } = user()
    write(file())
    await hark('get listeners')
    await hark('get listeners --context b')
    await hark('--context b get listeners -n east')
    await hark('get listeners', { env: { HARK_CONTEXT: 'b' } })
    assert.deepEqual(sent(), [
      ['/a/graphql', 'Bearer of-a', 'west'],
      ['/b/graphql', undefined, 'default'],
      ['/b/graphql', undefined, 'east'],
      ['/b/graphql', undefined, 'default'],
    ])
  })

  it('prefers flags to variables, and variables that are not empty to the context', async () => {
    const { hark, write } = user()
    write(file())
    const env = { HARK_SERVER: `${url}/env`, HARK_NAMESPACE: 'env', HARK_TOKEN: 'env' }
    await hark('get listeners', { env })
    await hark(`get listeners -n flag --server ${url}/flag`, { env })
    await hark('get listeners', { env: { HARK_TOKEN: 'env' } })
    await hark('get listeners', { env: { HARK_SERVER: '', HARK_NAMESPACE: '', HARK_TOKEN: '', HARK_CONTEXT: '' } })
    assert.deepEqual(sent(), [
      ['/env/graphql', 'Bearer env', 'env'],
      ['/flag/graphql', 'Bearer env', 'flag'],
      ['/a/graphql', 'Bearer env', 'west'],
      ['/a/graphql', 'Bearer of-a', 'west'],
    ])
  })

  it('sends the token of a context to no other server', async () => {
    const { hark, write } = user()
    write(file())
    await hark(`get listeners --server ${url}/flag`)
    await hark('get listeners', { env: { HARK_SERVER: `${url}/env` } })
    assert.deepEqual(
      sent().map(([, token]) => token),
      [undefined, undefined],
    )
  })
})
