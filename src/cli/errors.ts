/** What the command ends with; scripts rely on these. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  timedOut: 4,
  mustRestart: 5,
  /** Keys and log are of different folders. */
  unrelated: 6,
  /** Another process has the store. */
  locked: 7,
  /** There is no store. */
  absent: 8,
} as const

/** Why a command ends without having done its work: lines for people, and the status for scripts. */
export class CliError extends Error {
  override readonly name = 'Failure'
  readonly status: number
  readonly lines: readonly string[]

  constructor(lines: string | readonly string[], status: number = EXIT.failed, cause?: unknown) {
    super([lines].flat().join('\n'), { cause })
    this.lines = [lines].flat()
    this.status = status
  }
}

export const wrongUsage = (lines: string | readonly string[]): CliError => new CliError(lines, EXIT.usage)
