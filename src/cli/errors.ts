/** Scripts rely on these exit statuses. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  timedOut: 4,
  mustRestart: 5,
  unrelated: 6,
  locked: 7,
  absent: 8,
  interrupted: 130,
} as const

export class CliError extends Error {
  override readonly name = 'CliError'
  readonly status: number
  readonly lines: readonly string[]

  constructor(lines: string | readonly string[], status: number = EXIT.failed, cause?: unknown) {
    super([lines].flat().join('\n'), { cause })
    this.lines = [lines].flat()
    this.status = status
  }
}

/** By Ctrl-C or SIGTERM. */
export class Interrupted extends CliError {
  constructor(lines: string | readonly string[]) {
    super(lines, EXIT.interrupted)
  }
}

const FROM_SERVER = 'Error from server'

/** The line of a rejection, as kubectl prints it: `Error from server (NotFound): …`. */
export const serverLine = (reason: string, message: string): string => `${FROM_SERVER} (${reason}): ${message}`

/** With `error: ` before it, unless it is from the server. */
export const errorLine = (line: string): string => (line.startsWith(FROM_SERVER) ? line : `error: ${line}`)

export const usageError = (lines: string | readonly string[]): CliError => new CliError(lines, EXIT.usage)

/** `kubectl diff` ends with 1 for a difference. */
const DIFF_FAILED = 2

/** Status 1 is an answer. */
export const diffFailure = (error: unknown): CliError => {
  if (!(error instanceof CliError))
    return new CliError(error instanceof Error ? error.message : String(error), DIFF_FAILED, error)
  return error.status === EXIT.failed ? new CliError(error.lines, DIFF_FAILED, error) : error
}
