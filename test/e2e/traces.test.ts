import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { test } from 'node:test'
import { createClient } from 'graphql-ws'
import { HelloWorld } from '../../src/simulator/hello-world.ts'
import { Output, run, start } from '../cli/hark.ts'
import { eventually } from '../support/eventually.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

interface SentSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly traceState?: string
}

const CREATE = 'mutation ($input: CreateListenerInput!) { createListener(input: $input) { position } }'

/** An OpenTelemetry collector that keeps what it receives. */
const startCollector = async () => {
  const spans: SentSpan[] = []
  const services = new Set<string>()
  const server = createServer(async (request, response) => {
    // biome-ignore lint/suspicious/noExplicitAny: OTLP in JSON
    const { resourceSpans } = (await json(request)) as any
    for (const { resource, scopeSpans } of resourceSpans) {
      for (const { key, value } of resource.attributes) if (key === 'service.name') services.add(value.stringValue)
      for (const scope of scopeSpans) spans.push(...scope.spans)
    }
    response.setHeader('content-type', 'application/json').end('{}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    spans,
    services,
    url: `http://127.0.0.1:${port}`,
    [Symbol.dispose]: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

test('traces › lead from a request to its command, its events and the router', async () => {
  await using folder = await scratchFolder()
  await using world = await HelloWorld.start()
  using collector = await startCollector()
  const router = world.west.url
  const child = start(
    ['serve', '--port', '0', '--data', folder.path, '--router', `west=${router}`, '--log-level', 'debug'],
    {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '50' },
    },
  )
  const ended = once(child, 'close')
  const log = new Output(child.stderr!)
  const [, url = ''] = await new Output(child.stdout!).until(/"graphql":"(http:[^"]+)"/)
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const send = async (query: string, variables: object, headers: Record<string, string> = {}) => {
    const body = JSON.stringify({ query, variables })
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    // biome-ignore lint/suspicious/noExplicitAny: the shape is that of each query
    return (await response.json()) as any
  }
  const spec = { routingKey: 'orders', host: 'orders', port: 1 }
  const { errors } = await send(
    CREATE,
    { input: { namespace: 'west', name: 'orders', spec } },
    { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, tracestate: 'vendor=kept' },
  )
  assert.equal(errors, undefined)
  const named = (name: string) => collector.spans.find(span => span.traceId === traceId && span.name === name)
  const NAMES = ['POST /graphql', 'command CreateListener', 'append', 'project', 'router create tcpListener'] as const
  await eventually(() => NAMES.every(name => named(name) !== undefined))
  const [request, command, append, project, create] = NAMES.map(name => named(name) as SentSpan)
  assert.equal(request?.parentSpanId, '00f067aa0ba902b7')
  assert.equal(command?.parentSpanId, request.spanId)
  for (const span of [append, project, create]) assert.equal(span?.parentSpanId, command.spanId)
  for (const span of [request, command, append, project]) assert.equal(span?.traceState, 'vendor=kept')
  assert.deepEqual([...collector.services], ['hark'])
  await log.until(new RegExp(`"traceId":"${traceId}".*"answered"`))

  const overSocket = async (traceparent: string, tracestate: string, extensions = {}): Promise<SentSpan> => {
    const client = createClient({
      url: url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { traceparent, tracestate },
    })
    for await (const { data } of client.iterate({ query: '{ head }', extensions })) assert.ok(data)
    const spanOf = (each: SentSpan) => each.name === 'WebSocket /graphql' && each.traceState === tracestate
    await eventually(() => collector.spans.some(spanOf))
    return collector.spans.find(spanOf) as SentSpan
  }
  const socketTrace = '0af7651916cd43dd8448eb211c80319c'
  const ofConnection = await overSocket(`00-${socketTrace}-b7ad6b7169203331-01`, 'of=connection')
  assert.deepEqual([ofConnection.traceId, ofConnection.parentSpanId], [socketTrace, 'b7ad6b7169203331'])
  const traceparent = `00-${socketTrace}-00f067aa0ba902b8-01`
  const ofOperation = await overSocket(`00-${traceId}-b7ad6b7169203331-01`, 'of=operation', { traceparent })
  assert.deepEqual([ofOperation.traceId, ofOperation.parentSpanId], [socketTrace, '00f067aa0ba902b8'])

  const stream = `${url}/stream`
  const headers = {
    'content-type': 'application/json',
    'x-graphql-event-stream-token': await (await fetch(stream, { method: 'PUT' })).text(),
    traceparent: `00-${socketTrace}-53995c3f42cd8ad8-01`,
  }
  const body = JSON.stringify({ query: '{ head }', extensions: { operationId: 'head' } })
  assert.equal((await fetch(stream, { method: 'POST', headers, body })).status, 202)
  const ofStream = () => collector.spans.find(each => each.name === 'EventStream /graphql/stream')

  await eventually(async () => {
    const { data } = await send('{ events(first: 1000) { edges { node { type } } } }', {})
    return data.events.edges.some(({ node }: { node: { type: string } }) => node.type === 'ListenerAccepted')
  })
  child.kill()
  await ended
  assert.deepEqual([ofStream()?.traceId, ofStream()?.parentSpanId], [socketTrace, '53995c3f42cd8ad8'])
  const file = join(folder.path, 'exported.jsonl')
  assert.equal((await run(['export', file, '--data', folder.path])).status, 0)
  // biome-ignore lint/suspicious/noExplicitAny: events of any type
  const events: any[] = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  for (const type of ['ListenerCreated', 'ListenerAccepted']) {
    const event = events.find(each => each.type === type)
    assert.equal(event?.metadata.traceparent, `00-${traceId}-${command.spanId}-01`, type)
  }
})
