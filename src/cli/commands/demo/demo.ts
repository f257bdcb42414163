import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { CliError, Interrupted, usageError } from '../../errors.ts'
import { note, print } from '../../output/print.ts'
import { aborted, shutdownSignal } from '../../runtime/shutdown-signal.ts'
import { settingsFrom, start } from '../../runtime/start.ts'

interface Options {
  readonly keep?: boolean
  readonly port: string
  readonly data?: string
}

const INTRODUCTION = `The life of a listener on two routers. The routers are simulated in this process: they behave as skupper-router was
measured to, with errors and delays, but they are not Skupper. Hark is real.`

const HELP = `
It needs no Skupper, cluster or other program. It takes about five seconds and ends with a summary.

Examples:
  hark demo
  hark demo --keep                 run until Ctrl-C, to look around in the console
  hark demo --keep --data ./demo   keep the events as well`

export const addDemo = (program: Command, createProgram: () => Promise<Command>): void => {
  program
    .command('demo')
    .summary('see Hark at work on a simulated network')
    .description('Plays the life of a listener on a simulated network of two sites, with a commentary.')
    .option('--keep', 'run until Ctrl-C after the demo')
    .option('--port <port>', 'the port of the API; 0 picks a free one', '0')
    .option('--data <folder>', 'a new folder for the events (default: a temporary one, removed at the end)')
    .addHelpText('after', HELP)
    .action((options: Options) => demo(options, createProgram))
}

const emptyFolder = async (folder: string): Promise<string> => {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new CliError(`${folder}: ${error.message}`)
  })
  if (entries.length > 0) throw usageError(`${folder} is not empty: the demo needs a new folder`)
  return resolve(folder)
}

const demo = async ({ keep = false, port, data }: Options, createProgram: () => Promise<Command>): Promise<void> => {
  const signal = shutdownSignal()
  const folder = data === undefined ? await mkdtemp(join(tmpdir(), 'hark-demo-')) : await emptyFolder(data)
  try {
    await play(folder, port, keep, createProgram, signal)
  } catch (error) {
    if (!signal.aborted) throw error
    note('The demo was interrupted.')
    throw new Interrupted([])
  } finally {
    if (data === undefined) await rm(folder, { recursive: true, force: true })
  }
}

const play = async (
  folder: string,
  port: string,
  isKept: boolean,
  createProgram: () => Promise<Command>,
  signal: AbortSignal,
): Promise<void> => {
  const { HelloWorld } = await import('../../../simulator/hello-world.ts')
  const { playStory, printHints } = await import('./script.ts')
  print(INTRODUCTION)
  await using world = await HelloWorld.start()
  const router = [world.west, world.east].map(({ id, url }) => `hello-world-${id}=${url}`)
  const settings = await settingsFrom({ port, data: folder, router, logLevel: 'error' }, {})
  const hark = await start(settings, {
    findPortHolder: async endpoint => world.holderOf(world.west, endpoint),
    historyInThisThread: true,
  })
  try {
    await playStory({ hark, world, createProgram, signal })
    if (!isKept) return
    printHints(hark)
    await aborted(signal)
  } finally {
    await hark.close()
  }
}
