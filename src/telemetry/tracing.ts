export type Attributes = Readonly<Record<string, string | number | boolean>>
type SpanKind = 'server' | 'client' | 'internal'

export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** As in the header of W3C Trace Context. */
  readonly traceparent: string
  child(name: string, attributes?: Attributes): Span
  set(attribute: string, value: string | number): void
  end(error?: unknown): void
}

export interface Tracer {
  /** @param parent a `traceparent`; without a valid one, the span begins a trace */
  start(name: string, kind: SpanKind, attributes: Attributes, parent?: string): Span
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
