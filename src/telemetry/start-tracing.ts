import type { Logger } from '../lib/logger.ts'
import type { Tracer } from './tracing.ts'

const isWanted = (env: NodeJS.ProcessEnv): boolean =>
  Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) &&
  env.OTEL_SDK_DISABLED?.toLowerCase() !== 'true' &&
  env.OTEL_TRACES_EXPORTER !== 'none'

/** Undefined if no variable names an endpoint. */
export const startTracing = async (env: NodeJS.ProcessEnv, logger: Logger): Promise<Tracer | undefined> => {
  if (!isWanted(env)) return undefined
  const { createTracer } = await import('./opentelemetry.ts')
  return createTracer(env, logger)
}
