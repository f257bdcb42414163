import type { Command } from 'commander'
import { print } from '../../output/print.ts'

/** Failures print nothing: they would disturb the shell. */
export const addComplete = (program: Command, loadProgram: (words: readonly string[]) => Promise<Command>): void => {
  program
    .command('__complete', { hidden: true })
    .description('Prints candidates for the last word.')
    .argument('[words...]', 'the words after hark, up to the cursor')
    .action(async (words: readonly string[]) => {
      const { candidatesFor } = await import('./candidates.ts')
      const found = await candidatesFor(await loadProgram(words), words).catch(() => [])
      for (const candidate of found) print(candidate)
    })
}
