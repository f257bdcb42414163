export type Attributes = Readonly<Record<string, string | number | boolean>>
type SpanKind = 'server' | 'client' | 'internal'

export interface TraceParent {
  readonly traceparent?: string | undefined
  readonly tracestate?: string | undefined
}

export interface Span {
  readonly traceId: string
  readonly traceparent: string
  child(name: string, attributes?: Attributes): Span
  set(attribute: string, value: string | number): void
  end(error?: unknown): void
}

export interface Tracer {
  /** @param parent without a valid `traceparent`, the span begins a trace */
  start(name: string, kind: SpanKind, attributes: Attributes, parent?: TraceParent): Span
  /** Sends what is left. Resolves after two seconds at most. */
  close(): Promise<void>
}

export const inSpan = async <T>(span: Span | undefined, work: Promise<T>): Promise<T> => {
  try {
    const done = await work
    span?.end()
    return done
  } catch (error) {
    span?.end(error)
    throw error
  }
}

/** Reads headers or other input, whose fields may hold anything. */
export const traceParentIn = ({ traceparent, tracestate }: Readonly<Record<string, unknown>>): TraceParent => ({
  ...(typeof traceparent === 'string' && { traceparent }),
  ...(typeof tracestate === 'string' && { tracestate }),
})
