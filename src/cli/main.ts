import { type Command, CommanderError } from 'commander'
import { CliError, EXIT } from './errors.ts'
import { printError } from './output/print.ts'
import { createProgram } from './program.ts'

/** Commander has printed its own message by then; help and version are what was asked for. */
const statusOf = (error: CommanderError): number => (error.exitCode === 0 ? EXIT.done : EXIT.usage)

const report = (error: unknown): number => {
  if (error instanceof CommanderError) return statusOf(error)
  const lines = error instanceof CliError ? error.lines : [error instanceof Error ? error.message : String(error)]
  for (const line of lines) printError(line)
  return error instanceof CliError ? error.status : EXIT.failed
}

/** A reader that has seen enough, as `head` has, is no error. */
const endWithReader = (stream: NodeJS.WriteStream): void => {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
}

/** Runs the command that the arguments name; tells its exit status, where that is another than what it has set. */
export const runCommand = async (program: Command, argv: readonly string[]): Promise<number | undefined> => {
  try {
    await program.parseAsync(argv)
    return undefined
  } catch (error) {
    return report(error)
  }
}

/** Runs the command that the arguments name; its exit status is the process's. */
export const main = async (argv: readonly string[]): Promise<void> => {
  endWithReader(process.stdout)
  endWithReader(process.stderr)
  const status = await runCommand(createProgram(), argv)
  if (status !== undefined) process.exitCode = status
}
