import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { CliError, wrongUsage } from '../../errors.ts'
import { note, print } from '../../output/print.ts'
import { aborted, shutdownSignal } from '../../runtime/shutdown-signal.ts'
import { settingsFrom, start } from '../../runtime/start.ts'

interface Options {
  readonly keep?: boolean
  readonly port: string
  readonly data?: string
}

/** The status of a shell for a command that SIGINT ended. */
const ENDED_BY_SIGNAL = 130

const INTRODUCTION = `The life of a listener, on two routers that are simulated in this process: they do what skupper-router was
measured to do, refusals and delays included, but they are not Skupper. Hark is the real one.`

const HELP = `
It needs no Skupper, no cluster and no other program. It takes about five seconds, and ends with a summary.

Examples:
  hark demo
  hark demo --keep                 goes on until Ctrl-C: look around in GraphiQL
  hark demo --keep --data ./demo   keeps the events as well`

export const addDemo = (program: Command): void => {
  program
    .command('demo')
    .summary('see Hark at work on a simulated network')
    .description('Plays the life of a listener on a simulated network of two sites, and tells it as it happens.')
    .option('--keep', 'go on until Ctrl-C when the story is told')
    .option('--port <port>', 'the port of the API; 0 takes one that is free', '0')
    .option('--data <folder>', 'a new folder for the events (default: a temporary one, removed at the end)')
    .addHelpText('after', HELP)
    .action(demo)
}

const emptyFolder = async (folder: string): Promise<string> => {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new CliError(`${folder}: ${error.message}`)
  })
  if (entries.length > 0) throw wrongUsage(`${folder} is not empty: the demo wants a folder of its own`)
  return resolve(folder)
}

const demo = async ({ keep = false, port, data }: Options): Promise<void> => {
  const told = shutdownSignal()
  const folder = data === undefined ? await mkdtemp(join(tmpdir(), 'hark-demo-')) : await emptyFolder(data)
  try {
    await play(folder, port, keep, told)
  } catch (error) {
    if (!told.aborted) throw error
    note('The demo was interrupted.')
    throw new CliError([], ENDED_BY_SIGNAL)
  } finally {
    if (data === undefined) await rm(folder, { recursive: true, force: true })
  }
}

const play = async (folder: string, port: string, isToStay: boolean, told: AbortSignal): Promise<void> => {
  const { HelloWorld } = await import('../../../simulator/hello-world.ts')
  const { invite, tellStory } = await import('./script.ts')
  print(INTRODUCTION)
  await using world = await HelloWorld.start()
  const router = [world.west, world.east].map(({ id, url }) => `hello-world-${id}=${url}`)
  const hark = await start(await settingsFrom({ port, data: folder, router, logLevel: 'error' }, {}))
  try {
    await tellStory({ hark, world, signal: told })
    if (!isToStay) return
    invite(hark)
    await aborted(told)
  } finally {
    await hark.close()
  }
}
