import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { TestEngine } from '../engine.ts'

let engine: TestEngine
let folder: Awaited<ReturnType<typeof scratchFolder>>

before(async () => {
  folder = await scratchFolder()
  engine = await TestEngine.start(folder.path)
  await engine.execute('ApplySite', { namespace: 'west', name: 'here', spec: {} })
  await engine.createListener('west', 'backend', 8080)
  await engine.createListener('west', 'api', 443)
  await engine.createConnector('west', 'db', 5432)
})
after(async () => {
  await engine.close()
  await folder[Symbol.asyncDispose]()
})

const done = (command: string | readonly string[]): Promise<string> => engine.done(command)

describe('get', () => {
  it('lists several kinds in tables of their own, with qualified names', async () => {
    assert.equal(
      await done('get all -n west'),
      `NAME                          STATUS    ROUTING-KEY   HOST      PORT   CONNECTORS   MESSAGE
listener.skupper.io/api       Pending   api           api       443    0            No router attached
listener.skupper.io/backend   Pending   backend       backend   8080   0            No router attached

NAME                      STATUS    ROUTING-KEY   HOST   SELECTOR   PORT   HAS-LISTENER   MESSAGE
connector.skupper.io/db   Pending   db            db     <none>     5432   false          No router attached

NAME                   ROUTER     MESSAGE
site.skupper.io/here   Detached   No router attached
`,
    )
  })

  it('shows several resources, also of several kinds', async () => {
    assert.equal(
      await done('get listener backend api -n west -o name'),
      'listener.skupper.io/backend\nlistener.skupper.io/api\n',
    )
    const mixed = 'get lnr/api Connector/db -n west -o name'
    assert.equal(await done(mixed), 'listener.skupper.io/api\nconnector.skupper.io/db\n')
    assert.equal(JSON.parse(await done('get lnr/api cnr/db -n west -o json')).items.length, 2)
  })

  it('shows what exists and reports what does not', async () => {
    const { status, stdout, stderr } = await engine.hark('get listener api ghost -n west -o name')
    assert.deepEqual([status, stdout], [1, 'listener.skupper.io/api\n'])
    assert.equal(stderr, 'Error from server (NotFound): listener ghost not found in namespace west\n')
    assert.equal(await done('get listener ghost -n west --ignore-not-found -o json'), '')
  })

  it('prints a jsonpath, custom columns and no titles', async () => {
    assert.equal(await done('get listener api -n west -o jsonpath={.spec.port}'), '443\n')
    const lines = '-o=jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}'
    assert.equal(await done(['get', 'listeners', '-n', 'west', lines]), 'api\nbackend\n')
    const range = '-o=jsonpath={range .items[*]}{.metadata.name}={.spec.port};{end}'
    assert.equal(await done(['get', 'listeners', '-n', 'west', range]), 'api=443;backend=8080;\n')
    const columns = 'get listeners -n west -o custom-columns=NAME:.metadata.name,TLS:.spec.tlsCredentials'
    assert.equal(await done(columns), 'NAME      TLS\napi       <none>\nbackend   <none>\n')
    assert.equal(await done(`${columns} --no-headers`), 'api       <none>\nbackend   <none>\n')
    assert.match(await done('get sites -n west --no-headers'), /^here +Detached +No router attached\n$/)
  })

  it('sorts by a value', async () => {
    const names = async (by: string) => await done(`get listeners -n west --sort-by ${by} -o name`)
    assert.equal(await names('.spec.port'), 'listener.skupper.io/api\nlistener.skupper.io/backend\n')
    assert.equal(await names('{.metadata.name}'), 'listener.skupper.io/api\nlistener.skupper.io/backend\n')
    assert.match(await done('get listeners -n west --sort-by spec.host'), /^NAME.*\napi .*\nbackend /)
  })

  for (const [command, message] of [
    ['get listeners -o jsonpath={.spec', '-o jsonpath: "}" is missing, found the end at character 7 of {.spec'],
    ['get listeners -o custom-columns=NAME', "-o custom-columns: 'NAME' is invalid: must be TITLE:PATH"],
    [
      'get listeners --sort-by [',
      '--sort-by: an index, a quoted name, "*" or a filter is missing, found the end at character 2 of [',
    ],
    ['get listeners,sites -w', '--watch takes one kind, and at most one name'],
    ['get listener a b -w', '--watch takes one kind, and at most one name'],
  ] as const) {
    it(`rejects "${command}"`, async () => {
      const { status, stderr } = await engine.hark(`${command} -n west`)
      assert.deepEqual([status, stderr], [2, `error: ${message}\n`])
    })
  }
})

it('HARK_NAMESPACE is the namespace of commands without -n', async () => {
  const env = { HARK_NAMESPACE: 'west' }
  assert.match((await engine.hark('get listeners -o name', { env })).stdout, /api/)
  assert.equal((await engine.hark('get listeners -n east', { env })).stderr, 'No listeners found in namespace east.\n')
})

it('describe › describes several resources', async () => {
  const both = await done('describe listener/api connector/db -n west')
  assert.deepEqual(both.match(/^Name: +\S+$/gm)?.length, 2)
  assert.deepEqual((await done('describe listeners -n west')).match(/^Name: +\S+$/gm)?.length, 2)
})

it('history, why and timeline › accept KIND/NAME', async () => {
  for (const command of ['history', 'why', 'timeline'])
    assert.match(await done(`${command} lnr/api -n west`), /No router|ListenerCreated/)
})

describe('delete', () => {
  it('deletes several resources and reports those that do not exist', async () => {
    for (const name of ['one', 'two', 'three']) await engine.createListener('gone', name)
    await engine.createConnector('gone', 'one')
    const { status, stdout, stderr } = await engine.hark('delete listener one ghost two -n gone')
    assert.deepEqual([status, stdout], [1, 'listener.skupper.io/one deleted\nlistener.skupper.io/two deleted\n'])
    assert.equal(stderr, 'Error from server (NotFound): Listener ghost not found in namespace gone\n')
    const rest = 'delete listener/three connector/one listener/ghost -n gone --ignore-not-found'
    assert.equal(await done(rest), 'listener.skupper.io/three deleted\nconnector.skupper.io/one deleted\n')
  })

  it('rejects a kind without names', async () => {
    const { status, stderr } = await engine.hark('delete listeners -n west')
    assert.deepEqual([status, stderr], [2, 'error: the name of a listener is missing\n'])
  })
})
