import type { Command } from 'commander'
import { examplesText, withServer } from '../../options.ts'
import type { DumpOptions } from './dump.ts'

export const addDebug = (program: Command): void => {
  const debug = program
    .command('debug')
    .summary('collect what is needed to find a fault')
    .description('Collects what is needed to find a fault.')
    .helpCommand(false)
  const dump = debug
    .command('dump')
    .summary('write status, metrics, settings and latest events to an archive')
    .description(
      'Writes an archive without secrets: versions, status, metrics, resources, the latest 1000 events, and the settings that an engine on this machine has, with credentials masked.',
    )
    .argument('<file>', 'the archive to write, such as hark.tar.gz')
    .option('--data <folder>', 'the data folder whose hark.yaml is included (default: ./data)')
    .addHelpText(
      'after',
      examplesText(['hark debug dump hark.tar.gz', 'hark debug dump hark.tar.gz --data /var/lib/hark']),
    )
    .action(async (file: string, options: DumpOptions) => {
      const { dump } = await import('./dump.ts')
      await dump(file, options)
    })
  withServer(dump)
}
