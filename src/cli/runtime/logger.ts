import { type DestinationStream, type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino'
import type { Settings } from '../../config/load.ts'
import { redact } from './redact.ts'

/** Omits the addresses, headers and requests of client errors. */
interface LoggedError {
  readonly type: string
  readonly message: string
  readonly stack?: string | undefined
  readonly code?: string | number
  readonly cause?: unknown
}

const MOST_CAUSES = 5

const loggedError = (error: unknown, depth = 0): unknown => {
  if (!(error instanceof Error)) return error
  const { name, message, stack, cause } = error
  const { code } = error as { readonly code?: unknown }
  const logged: LoggedError = {
    type: name,
    message,
    stack,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(cause !== undefined && depth < MOST_CAUSES && { cause: loggedError(cause, depth + 1) }),
  }
  return logged
}

const WORDS: LoggerOptions = {
  formatters: { level: level => ({ level }) },
  timestamp: stdTimeFunctions.isoTime,
}

export const createLogger = (
  { logLevel: level, logFormat }: Pick<Settings, 'logLevel' | 'logFormat'>,
  destination: DestinationStream,
): Logger =>
  pino(
    {
      ...(logFormat === 'words' && WORDS),
      level,
      serializers: { error: error => loggedError(error) },
      hooks: { streamWrite: redact },
    },
    destination,
  )
