import { CommanderError } from 'commander'
import { arrangeArguments } from './arguments.ts'
import { CliError, EXIT } from './errors.ts'
import { type Io, withIo } from './io.ts'
import { printError } from './output/print.ts'
import { createProgram, isGroup } from './program.ts'

/** Commander prints its own errors. */
const report = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  const lines = error instanceof CliError ? error.lines : [error instanceof Error ? error.message : String(error)]
  for (const line of lines) printError(line)
  return error instanceof CliError ? error.status : EXIT.failed
}

export const runCommand = (args: readonly string[], io: Io = process, program = createProgram): Promise<number> =>
  withIo(io, async () => {
    try {
      const arranged = arrangeArguments(args.length === 0 ? ['--help'] : args, isGroup)
      await (await program(arranged)).parseAsync(arranged.args, { from: 'user' })
      return EXIT.done
    } catch (error) {
      return report(error)
    }
  })

/** Readers such as `head` close the pipe; a file may be on a full disk. */
const endWithOutput = (stream: NodeJS.WriteStream): void => {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    if (stream === process.stdout) printError(`standard output cannot be written: ${error.message}`)
    process.exit(EXIT.failed)
  })
}

/** An empty variable counts as not set. */
const omitEmptyVariables = (): void => {
  for (const [name, value] of Object.entries(process.env))
    if (value === '' && name.startsWith('HARK_')) delete process.env[name]
}

export const main = async (argv: readonly string[]): Promise<void> => {
  endWithOutput(process.stdout)
  endWithOutput(process.stderr)
  omitEmptyVariables()
  process.exitCode = await runCommand(argv.slice(2))
}
