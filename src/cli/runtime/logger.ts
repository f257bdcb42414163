import { type DestinationStream, type Logger, pino } from 'pino'
import { redact } from './redact.ts'

/** Client errors carry addresses, headers and requests, which are not logged. */
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

export const createLogger = (level: string, destination: DestinationStream): Logger =>
  pino(
    {
      level,
      serializers: { error: error => loggedError(error) },
      hooks: { streamWrite: redact },
    },
    destination,
  )
