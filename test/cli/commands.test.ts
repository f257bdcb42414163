import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { parse } from 'yaml'
import { scratchFolder } from '../support/scratch-folder.ts'
import { TestEngine } from './engine.ts'
import type { Outcome } from './hark.ts'

let engine: TestEngine
let folder: Awaited<ReturnType<typeof scratchFolder>>

before(async () => {
  folder = await scratchFolder()
  engine = await TestEngine.start(folder.path)
})
after(async () => {
  await engine.close()
  await folder[Symbol.asyncDispose]()
})

/** Runs a command that must succeed, and returns its output. */
const done = (command: string | readonly string[]): Promise<string> => engine.done(command)

const failed = (reason: string, line: string): Outcome => ({
  status: 1,
  stdout: '',
  stderr: `Error from server (${reason}): ${line}\n`,
})

describe('listener commands', () => {
  it('create, update and delete a listener, and keep its history', async () => {
    assert.equal(await done('create listener db 5432 --routing-key pg -n life'), 'listener.skupper.io/db created\n')
    assert.equal(await done('update listener db --port 5433 -n life'), 'listener.skupper.io/db configured\n')
    assert.equal(await done('update listener db --port 5433 -n life'), 'listener.skupper.io/db unchanged\n')
    const several = 'update listener db --port 5434 --host db.internal --routing-key postgres -n life'
    assert.equal(await done(several), 'listener.skupper.io/db configured\n')
    assert.equal(await done('delete lnr db -n life'), 'listener.skupper.io/db deleted\n')

    const [titles, ...lines] = (await done('history listener db -n life')).trimEnd().split('\n')
    assert.match(titles ?? '', /^TIME +POSITION +RESOURCE +EVENT +ACTOR +CHANGE$/)
    assert.deepEqual(
      lines.map(line => line.replace(/^\S+Z +\d+ +/, '')),
      [
        'listener/db   ListenerCreated     anonymous   routing key pg, db:5432',
        'listener/db   PortUpdated         anonymous   port 5432 → 5433',
        'listener/db   RoutingKeyUpdated   anonymous   routing key pg → postgres',
        'listener/db   HostUpdated         anonymous   host db → db.internal',
        'listener/db   PortUpdated         anonymous   port 5433 → 5434',
        'listener/db   ListenerDeleted     anonymous',
      ],
    )
  })

  it('create, update, list, generate and delete a MultiKeyListener', async () => {
    const created = 'multikeylistener.skupper.io/store created\n'
    assert.equal(await done('create multikeylistener store 5432 -n several --weighted a=3 b=1'), created)
    const configured = 'multikeylistener.skupper.io/store configured\n'
    assert.equal(await done('multikeylistener update store -n several --weighted b=1 a=2'), configured)
    const unchanged = 'multikeylistener.skupper.io/store unchanged\n'
    assert.equal(await done('update multikeylistener store -n several --weighted a=2 b=1'), unchanged)
    assert.equal(await done('MKL update store -n several --weighted a=2 b=1'), unchanged)
    assert.equal(await done('update mkl store -n several --weighted a=2 b=1'), unchanged)
    const { spec } = JSON.parse(await done('get mkl store -n several -o json'))
    assert.deepEqual(spec, {
      host: 'store',
      port: 5432,
      strategy: { weighted: { routingKeys: { a: 2, b: 1 } } },
      observer: 'auto',
      requireClientCert: false,
      settings: {},
    })
    assert.match(await done('get multikeylisteners -n several'), /store +Pending +b=1,a=2|store +Pending +a=2,b=1/)
    const description = await done('describe mkl store -n several')
    assert.match(description, /^Strategy: +weighted\nRouting keys: +(a=2,b=1|b=1,a=2)$/m)
    assert.match(description, /Operational +False/)
    const manifest = parse(await done('generate multikeylistener store 5432 --priority a b'))
    assert.deepEqual(manifest.spec, { strategy: { priority: { routingKeys: ['a', 'b'] } }, host: 'store', port: 5432 })
    const { status, stderr } = await engine.hark('create multikeylistener other 1 -n several')
    assert.deepEqual([status, stderr], [2, 'error: name the routing keys: use --priority or --weighted\n'])
    const twice = await engine.hark('create multikeylistener keyless 5433 --weighted a=1 a=2')
    assert.equal(twice.status, 2)
    assert.match(twice.stderr, /a has a weight already/)
    assert.equal(await done('delete multikeylistener store -n several'), 'multikeylistener.skupper.io/store deleted\n')
  })

  it('update keeps properties without a flag', async () => {
    const options = '--tls-credentials certs --observer http2 --expose-pods-by-name'
    await done(`create listener web 443 -n keep ${options}`)
    await done('update listener web --port 8443 --routing-key site -n keep')
    const { spec, metadata } = JSON.parse(await done('get listener web -n keep -o json'))
    assert.deepEqual(spec, {
      routingKey: 'site',
      host: 'web',
      port: 8443,
      type: 'tcp',
      exposePodsByName: true,
      tlsCredentials: 'certs',
      settings: { observer: 'http2' },
    })
    assert.equal(metadata.generation, 2)
  })

  it('update host and port together, past an endpoint of another listener', async () => {
    await engine.createListener('move', 'first', 80)
    await engine.createListener('move', 'second', 80)
    await engine.createListener('move', 'third')
    await done('update listener second --host first --port 81 -n move')
    const taken = 'host first and port 80 are taken in namespace move, by listener first'
    assert.deepEqual(await engine.hark('update listener second --port 80 -n move'), failed('AlreadyExists', taken))
    const several = 'update listener third --host first --port 80 -n move'
    assert.deepEqual(await engine.hark(several), failed('AlreadyExists', `third: ${taken}`))
  })

  it('report a listener that does not exist', async () => {
    const missing = 'Listener ghost not found in namespace void'
    assert.deepEqual(await engine.hark('delete listener ghost -n void'), failed('NotFound', missing))
    const lower = 'listener ghost not found in namespace void'
    for (const command of [
      'get lnr ghost',
      'get listener ghost -w',
      'describe listener ghost',
      'update listener ghost --port 1',
    ])
      assert.deepEqual(await engine.hark(`${command} -n void`), failed('NotFound', lower))
  })
})

it('create, describe and delete a connector', async () => {
  await engine.createListener('front', 'backend')
  assert.equal(
    await done('create connector backend 8080 --selector app=backend --no-verify-hostname -n back'),
    'connector.skupper.io/backend created\n',
  )
  const description = await done('describe connector backend -n back')
  assert.match(description, /^Routing key: +backend$/m)
  assert.match(description, /^Selector: +app=backend$/m)
  assert.match(description, /^Verify hostname: +false$/m)
  assert.match(description, /^ {2}Matched +True +Ready +\S+ +1 +OK$/m)
  assert.match(
    description,
    /^ {2}\S+ +\d+ +connector\/backend +ConnectorCreated +anonymous +routing key backend, app=backend:8080$/m,
  )
  assert.equal(await done('delete connector backend -n back'), 'connector.skupper.io/backend deleted\n')
})

describe('describe', () => {
  it('shows matching connectors and the message of the router', async () => {
    const uid = await engine.createListener('describe-west', 'api')
    await engine.createConnector('describe-east', 'api', 8080)
    const about = { namespace: 'describe-west', name: 'api', uid, generation: 1 }
    await engine.routerReports('describe-west', [
      { type: 'ListenerRefused', data: { ...about, message: 'no such profile' } },
    ])
    const description = await done('describe listener api -n describe-west')
    assert.match(
      description,
      /^Matching connectors:\n {2}NAME +SITE +HOST +PORT +SINCE\n {2}api +\S+ +api +8080 +\S+Z$/m,
    )
    assert.match(description, /^Latest events:\n.*\n.*ListenerCreated.*\n.*ListenerRefused +agent +no such profile$/m)
  })

  it('reports an empty result', async () => {
    await engine.createListener('describe-alone', 'alone')
    assert.match(await done('describe listener alone -n describe-alone'), /^Matching connectors:\n {2}none$/m)
  })
})

describe('get', () => {
  before(async () => {
    await engine.createListener('look', 'backend', 8080)
    await engine.createListener('look', 'db', 5432)
    const spec = { routingKey: 'db', selector: 'app=db', port: 5432 }
    await engine.execute('CreateConnector', { namespace: 'look-too', name: 'db', spec })
  })

  it('prints a table', async () => {
    assert.equal(
      await done('get listeners -n look'),
      `NAME      STATUS    ROUTING-KEY   HOST      PORT   CONNECTORS   MESSAGE
backend   Pending   backend       backend   8080   0            No router attached
db        Pending   db            db        5432   1            No router attached
`,
    )
    assert.equal(
      await done('get connectors -n look-too'),
      `NAME   STATUS    ROUTING-KEY   HOST     SELECTOR   PORT   HAS-LISTENER   MESSAGE
db     Pending   db            <none>   app=db     5432   true           Not Configured: selectors are not supported: use host
`,
    )
  })

  it('prints more columns with -o wide', async () => {
    const [titles, line] = (await done('get lnr db -n look -o wide')).split('\n')
    assert.match(titles ?? '', /CONNECTORS +GENERATION +AGE +UID +MESSAGE$/)
    assert.match(line ?? '', /^db .* 1 +\d+s +[0-9a-f-]{36} +No router attached$/)
  })

  it('accepts -n and --server before the command', async () => {
    assert.equal(await done('-n look get listeners'), await done('get listeners -n look'))
    const args = ['-n', 'look', '--server', engine.url, 'get', 'listeners']
    assert.match((await engine.hark(args, { env: { HARK_SERVER: 'http://127.0.0.1:1' } })).stdout, /^backend /m)
  })

  it('prints all namespaces', async () => {
    const table = await done('get connectors -A')
    assert.match(table, /^NAMESPACE +NAME /)
    assert.match(table, /^look-too +db /m)
  })

  it('reports an empty result', async () => {
    const nothing = { status: 0, stdout: '', stderr: 'No listeners found in namespace default.\n' }
    assert.deepEqual(await engine.hark('get listeners'), nothing)
    assert.deepEqual(JSON.parse(await done('get listeners -o json')), { apiVersion: 'v1', kind: 'List', items: [] })
  })

  for (const format of ['json', 'yaml']) {
    it(`prints ${format} that apply accepts`, async () => {
      const list = await done(`get listeners -n look -o ${format}`)
      const { items } = parse(list)
      assert.deepEqual(
        items.map(({ kind, status }: { kind: string; status: { status: string } }) => [kind, status.status]),
        [
          ['Listener', 'Pending'],
          ['Listener', 'Pending'],
        ],
      )
      const { stdout } = await engine.hark('apply -f -', { input: list })
      assert.equal(stdout, 'listener.skupper.io/backend unchanged\nlistener.skupper.io/db unchanged\n')
    })
  }

  it('lists every page', async () => {
    const items = Array.from({ length: 230 }, (_, index) => ({
      apiVersion: 'skupper.io/v2alpha1',
      kind: 'Listener',
      metadata: { name: `listener-${index}` },
      spec: { routingKey: 'many', host: 'many', port: index + 1 },
    }))
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    assert.equal((await engine.hark('apply -n many -f -', { input })).status, 0)
    assert.equal(JSON.parse(await done('get listeners -n many -o json')).items.length, 230)
    await engine.execute('UpdatePort', { namespace: 'many', name: 'listener-0', port: 9999 })
    const events = JSON.parse(await done('history -n many -o json'))
    assert.equal(events.length, 231)
    assert.equal(events.at(-1).type, 'PortUpdated')
  })

  it('ends without an error when its reader closes the pipe', async () => {
    const child = engine.startHark('get listeners -n many -o json')
    child.stdout?.destroy()
    const [status, signal] = await new Promise<unknown[]>(resolve => child.on('exit', (...ended) => resolve(ended)))
    assert.deepEqual([status, signal], [0, null])
  })
})

describe('router-config', () => {
  it('prints skrouterd.json', async () => {
    await engine.createListener('route', 'web')
    const entities: [string, Record<string, unknown>][] = JSON.parse(await done('router-config -n route'))
    const [, attributes] = entities.find(([type]) => type === 'tcpListener') ?? []
    assert.equal(attributes?.name, 'listener/web')
    assert.equal(attributes?.address, 'web')
  })
})

describe('history', () => {
  it('reports an empty result', async () => {
    const { status, stderr } = await engine.hark('history -n untold')
    assert.deepEqual({ status, stderr }, { status: 0, stderr: 'No events found in namespace untold.\n' })
    const { stderr: about } = await engine.hark('history connector ghost -n untold')
    assert.equal(about, 'No events found about connector ghost in namespace untold.\n')
  })

  it('distinguishes a listener and a connector of one name', async () => {
    await engine.createListener('apart', 'same')
    await engine.createConnector('apart', 'same')
    const types = async (command: string) =>
      parse(await done(`${command} -n apart -o yaml`)).map(({ type }: { type: string }) => type)
    assert.deepEqual(await types('history listener same'), ['ListenerCreated'])
    assert.deepEqual(await types('history connector same'), ['ConnectorCreated'])
    assert.deepEqual(await types('history'), ['ListenerCreated', 'ConnectorCreated'])
  })
})
