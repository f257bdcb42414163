import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Span as ApiSpan,
  type Tracer as ApiTracer,
  type Context,
  createTraceState,
  diag,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import about from '../../package.json' with { type: 'json' }
import type { Logger } from '../lib/logger.ts'
import { throttle } from '../lib/throttle.ts'
import type { Attributes, Span, TraceParent, Tracer } from './tracing.ts'

const CLOSE_TIMEOUT_MS = 2000
const LOG_EVERY_MS = 60_000
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/

const parentContext = ({ traceparent, tracestate }: TraceParent): Context => {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(traceparent ?? '') ?? []
  const traceState = tracestate === undefined ? {} : { traceState: createTraceState(tracestate) }
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true, ...traceState }
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT
}

const toSpan = (tracer: ApiTracer, span: ApiSpan): Span => {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return {
    traceId,
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    child: (name, attributes = {}) =>
      toSpan(tracer, tracer.startSpan(name, { attributes }, trace.setSpan(ROOT_CONTEXT, span))),
    set: (attribute, value) => void span.setAttribute(attribute, value),
    end: error => {
      if (error !== undefined) {
        const message = error instanceof Error ? error.message : String(error)
        span.setStatus({ code: SpanStatusCode.ERROR, message })
      }
      span.end()
    },
  }
}

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const

/** `OTEL_RESOURCE_ATTRIBUTES`, such as `deployment.environment.name=test,host.name=a`. */
const givenAttributes = (text: string, logger: Logger): Attributes => {
  const pairs = text.split(',').flatMap(pair => {
    const end = pair.indexOf('=')
    return end === -1 ? [] : [[pair.slice(0, end).trim(), pair.slice(end + 1).trim()] as const]
  })
  try {
    return Object.fromEntries(pairs.map(([name, value]) => [name, decodeURIComponent(value)]))
  } catch (error) {
    logger.warn({ error }, 'OTEL_RESOURCE_ATTRIBUTES is ignored: its values are not percent-encoded')
    return {}
  }
}

/** Milliseconds between two exports; undefined for the default of OpenTelemetry. */
const exportDelay = ({ OTEL_BSP_SCHEDULE_DELAY: delay }: NodeJS.ProcessEnv): number | undefined =>
  /^\d+$/.test(delay ?? '') ? Number(delay) : undefined

/** The variables of OpenTelemetry configure it. */
export const createTracer = (env: NodeJS.ProcessEnv, logger: Logger): Tracer => {
  const logFailure = throttle(LOG_EVERY_MS, (reason: string) =>
    logger.warn({ reason }, 'traces cannot be sent to the OpenTelemetry endpoint'),
  )
  const ignore = (): void => undefined
  diag.setLogger({ error: logFailure, warn: ignore, info: ignore, debug: ignore, verbose: ignore })
  const scheduledDelayMillis = exportDelay(env)
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': env.OTEL_SERVICE_NAME || 'hark',
      'service.version': about.version,
      ...givenAttributes(env.OTEL_RESOURCE_ATTRIBUTES ?? '', logger),
    }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        ...(scheduledDelayMillis !== undefined && { scheduledDelayMillis }),
      }),
    ],
  })
  const tracer = provider.getTracer('hark', about.version)
  return {
    start: (name, kind, attributes, parent = {}) =>
      toSpan(tracer, tracer.startSpan(name, { kind: KINDS[kind], attributes }, parentContext(parent))),
    close: () => Promise.race([provider.shutdown().catch(ignore), sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]),
  }
}
