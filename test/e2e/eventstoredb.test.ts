import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { FakeEventStoreDb } from '../fakes/eventstoredb/fake.ts'
import { eventually, inTime } from '../support/eventually.ts'
import { APPLY } from '../support/operations.ts'
import { allEvents, CREATE, createInput, type GraphQLResult, type HttpHark } from '../support/process/http-hark.ts'
import { ServedHark } from '../support/process/served-hark.ts'
import { RunningHark } from '../support/running-hark.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const LISTENERS =
  '{ listeners(first: 1000) { edges { node { metadata { namespace name uid generation resourceVersion } spec { routingKey host port } status { status hasMatchingConnector } } } } head }'
const UPDATE_PORT =
  'mutation ($input: UpdatePortInput!) { updatePort(input: $input) { listener { metadata { generation } } } }'
const DELETE = 'mutation ($input: DeleteInput!) { deleteListener(input: $input) { uid } }'
/** A command gets its response after 10 s at the latest; the rest is for a busy machine. */
const BOUND_MS = 30_000

const codes = ({ errors = [] }: GraphQLResult): string[] => errors.map(({ extensions }) => extensions.code)

const until = async <T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> => {
  let answer!: T
  await eventually(async () => {
    answer = await ask()
    return holds(answer)
  })
  return answer
}

const shown = async (hark: HttpHark) => {
  const { data } = await hark.graphql(LISTENERS)
  return { head: data.head as string, listeners: data.listeners.edges.map(({ node }: { node: object }) => node) }
}

/** Waits until both engines have the same events. */
const settled = async (one: HttpHark, other: HttpHark) => {
  await until(
    async () => [(await shown(one)).head, (await shown(other)).head],
    ([a, b]) => a === b,
  )
}

describe('two engines on one EventStoreDB', () => {
  let double: FakeEventStoreDb
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  /** The first can be killed. */
  let engines: [RunningHark, ServedHark]

  before(async () => {
    double = await new FakeEventStoreDb().start()
    folder = await scratchFolder()
    const args = (name: string) => ['--store', double.connectionString, '--data', join(folder.path, name)]
    engines = await Promise.all([RunningHark.start(args('one')), ServedHark.start(args('other'))])
    await Promise.all(engines.map(engine => engine.ready()))
  })

  after(async () => {
    await Promise.all([engines[0].kill(), engines[1].stop()])
    await double[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  })

  test('gives an endpoint to one of two listeners, whichever engines create them', async () => {
    for (let round = 0; round < 20; round += 1) {
      const inputs = ['red', 'blue'].map(name => ({
        ...createInput(round, 'race'),
        name: `${name}-${round}`,
        commandId: `${name}-${round}`,
      }))
      const answers = await Promise.all(inputs.map((input, index) => engines[index]!.graphql(CREATE, { input })))
      assert.deepEqual(answers.map(({ data, errors }) => (errors ? codes({ errors })[0] : typeof data)).sort(), [
        'ALREADY_EXISTS',
        'object',
      ])
    }
  })

  test('creates a listener once when both create it', async () => {
    for (let round = 0; round < 20; round += 1) {
      const input = { ...createInput(round, 'twins'), commandId: undefined }
      const answers = await Promise.all(engines.map(engine => engine.graphql(CREATE, { input })))
      assert.deepEqual(answers.flatMap(codes), ['ALREADY_EXISTS'])
    }
  })

  test('replaces a listener once when both are sent the manifest', async () => {
    for (let round = 0; round < 10; round += 1) {
      const input = createInput(round, 'replaced')
      const { data } = await engines[0].graphql(CREATE, { input })
      assert.ok(data)
      await settled(...engines)
      const { namespace, name, spec } = input
      const manifest = { apiVersion: 'skupper.io/v2alpha1', kind: 'Listener', metadata: { namespace, name } }
      const manifests = [{ ...manifest, spec: { ...spec, exposePodsByName: true } }]
      const answers = await Promise.all(
        engines.map(engine => engine.graphql(APPLY, { input: { manifests, replace: true } })),
      )
      const actions = answers.map(answer => answer.data.apply.results[0].action)
      assert.deepEqual(actions.sort(), ['Replaced', 'Unchanged'])
      const events = (await allEvents(engines[0], { namespace })).filter(each => each.stream.endsWith(`.${name}`))
      assert.deepEqual(
        events.filter(({ type }) => type.startsWith('Listener')).map(({ type }) => type),
        ['ListenerCreated', 'ListenerDeleted', 'ListenerCreated'],
      )
    }
  })

  test('executes a command once when both receive it with one id', async () => {
    const input = createInput(1, 'retried')
    const answers = await Promise.all(engines.map(engine => engine.graphql(CREATE, { input })))
    assert.deepEqual(answers[0], answers[1])
    assert.equal((await allEvents(engines[0], { namespace: 'retried' })).length, 1)
  })

  test('show the same state after any commands, without a shared endpoint', async () => {
    const names = ['a', 'b', 'c', 'd']
    const send = async (engine: HttpHark, index: number): Promise<GraphQLResult> => {
      const name = names[index % names.length] as string
      const port = 8000 + (index % 3)
      if (index % 7 === 6) return engine.graphql(DELETE, { input: { namespace: 'busy', name } })
      if (index % 2 === 1) return engine.graphql(UPDATE_PORT, { input: { namespace: 'busy', name, port } })
      return engine.graphql(CREATE, {
        input: { namespace: 'busy', name, spec: { routingKey: name, host: 'shared', port } },
      })
    }
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => send(engines[(index >> 1) % 2]!, index)),
    )
    assert.deepEqual(
      [...new Set(answers.flatMap(codes))].filter(code => !['ALREADY_EXISTS', 'NOT_FOUND'].includes(code)),
      [],
    )
    await settled(...engines)
    const [one, other] = await Promise.all(engines.map(shown))
    assert.deepEqual(one, other)
    const endpoints = one!.listeners
      .filter(({ metadata }: { metadata: { namespace: string } }) => metadata.namespace === 'busy')
      .map(({ spec }: { spec: { host: string; port: number } }) => `${spec.host}:${spec.port}`)
    assert.equal(new Set(endpoints).size, endpoints.length)
  })

  for (const [how, away, back] of [
    ['killed', () => double.kill(), () => double.start()],
    ['frozen', () => double.freeze(), () => double.unfreeze()],
    ['starting', () => double.setStarting(true), () => double.setStarting(false)],
  ] as const) {
    test(`fail commands in time and serve reads while EventStoreDB is ${how}, and resume afterwards`, async () => {
      const [engine] = engines
      const before = await shown(engine)
      const input = createInput(1, `while-${how}`)
      await away()
      const refused = await inTime(BOUND_MS, engine.graphql(CREATE, { input }))
      assert.deepEqual(codes(refused), ['UNAVAILABLE'])
      assert.deepEqual(await shown(engine), before)
      await back()
      const created = await until(
        () => engine.graphql(CREATE, { input }),
        ({ errors }) => errors === undefined,
      )
      await settled(...engines)
      assert.equal((await allEvents(engines[1], { namespace: `while-${how}` })).length, 1)
      assert.deepEqual(await engines[1].graphql(CREATE, { input }), created)
    })
  }

  test('settle a lost response without appending twice', async () => {
    const input = createInput(1, 'lost')
    double.loseNextAnswer()
    const { errors } = await engines[0].graphql(CREATE, { input })
    assert.equal(errors, undefined)
    assert.equal((await allEvents(engines[1], { namespace: 'lost' })).length, 1)
  })

  test('resume after one is killed', async () => {
    await engines[0].kill()
    const { errors } = await engines[1].graphql(CREATE, { input: createInput(1, 'meanwhile') })
    assert.equal(errors, undefined)
    engines[0] = await RunningHark.start(['--store', double.connectionString, '--data', join(folder.path, 'one')])
    await engines[0].ready()
    await settled(...engines)
    assert.deepEqual(await shown(engines[0]), await shown(engines[1]))
  })
})

describe('an engine with an empty data folder on EventStoreDB', () => {
  const EVENTS = 3_000
  /** Its type is ignored: only reads are counted. */
  const events = Array.from({ length: EVENTS }, (_, index) => ({
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    type: 'OfALaterVersion',
    contentType: 'application/json',
    data: Buffer.from('{}'),
    metadata: Buffer.from('{"schemaVersion":1,"actor":"a","correlationId":"c"}'),
  }))

  test('reads the log once for read models and checkpoints', async () => {
    await using double = await new FakeEventStoreDb().start()
    await using folder = await scratchFolder()
    double.log.append('listener-west.a', 'no_stream', events)
    const engine = await ServedHark.start(['--store', double.connectionString, '--data', folder.path])
    try {
      await until(
        () => engine.metric('hark_signing'),
        signing => signing === 1,
      )
      await engine.ready()
      // Reading the first event adds a few; two readings would take twice as many.
      assert.ok(double.eventsSubscribed < 1.5 * EVENTS, `${double.eventsSubscribed} events were sent`)
    } finally {
      await engine.stop()
    }
  })
})
