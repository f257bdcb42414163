import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startTracing } from '../../src/telemetry/start-tracing.ts'
import { inSpan, type Span } from '../../src/telemetry/tracing.ts'
import { silentLogger } from '../fakes/silent-logger.ts'

const ENDPOINT = 'http://127.0.0.1:4318'

describe('startTracing', () => {
  const off: Record<string, NodeJS.ProcessEnv> = {
    'without an endpoint': {},
    'with an empty endpoint': { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
    'with OTEL_SDK_DISABLED': { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_SDK_DISABLED: 'true' },
    'with OTEL_TRACES_EXPORTER=none': { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_TRACES_EXPORTER: 'none' },
  }
  for (const [when, env] of Object.entries(off)) {
    test(`returns nothing ${when}`, async () => {
      assert.equal(await startTracing(env, silentLogger), undefined)
    })
  }

  test('starts, and warns, if a resource attribute is not percent-encoded', async () => {
    const warnings: unknown[] = []
    const logger = { ...silentLogger, warn: (...said: unknown[]) => void warnings.push(said.at(-1)) }
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_RESOURCE_ATTRIBUTES: 'team=100%' }
    assert.ok(await startTracing(env, logger))
    assert.deepEqual(warnings, ['OTEL_RESOURCE_ATTRIBUTES is ignored: its values are not percent-encoded'])
  })

  test('continues the trace of a valid traceparent, and begins one otherwise', async () => {
    const tracer = await startTracing({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ENDPOINT }, silentLogger)
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    // Not sampled, so that nothing is sent.
    const start = (parent?: string) => tracer?.start('request', 'server', {}, { traceparent: parent })
    const span = start(`00-${traceId}-00f067aa0ba902b7-00`)
    assert.equal(span?.traceId, traceId)
    assert.match(span.traceparent, new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`))
    const child = span.child('command')
    assert.equal(child.traceId, traceId)
    for (const wrong of ['garbage', `00-${'0'.repeat(32)}-00f067aa0ba902b7-00`, `00-${traceId}-${'0'.repeat(16)}-00`])
      assert.notEqual(start(wrong)?.traceId, traceId)
  })
})

describe('inSpan', () => {
  const ends: unknown[][] = []
  const span = { end: (...args: unknown[]) => void ends.push(args) } as unknown as Span

  test('ends the span with the work, and with its error', async () => {
    assert.equal(await inSpan(span, Promise.resolve(7)), 7)
    const error = new Error('no')
    await assert.rejects(inSpan(span, Promise.reject(error)), error)
    assert.deepEqual(ends, [[], [error]])
  })
})
