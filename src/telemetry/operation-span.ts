import { type Span, type Tracer, traceParentIn } from './tracing.ts'

interface TracedOperation {
  readonly transport: string
  readonly path: string
  readonly requestId: string
  /** May contain a `traceparent`. */
  readonly fields: Readonly<Record<string, unknown>>
}

export const startOperationSpan = (
  tracer: Tracer | undefined,
  { transport, path, requestId, fields }: TracedOperation,
  signal: AbortSignal,
): Span | undefined => {
  if (tracer === undefined) return undefined
  const attributes = { 'http.route': path, 'hark.request_id': requestId }
  const span = tracer.start(`${transport} ${path}`, 'server', attributes, traceParentIn(fields))
  signal.addEventListener('abort', () => span.end(), { once: true })
  return span
}
