import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { runCommand } from '../../src/cli/main.ts'
import { createProgram } from '../../src/cli/program.ts'
import type { Outcome } from './hark.ts'

const PATIENCE_MS = 20_000

/** What the process of a test asks for, over the channel between the two. */
export interface Request {
  readonly args: readonly string[]
  readonly input: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** What Node.js tells of what is active leaves these out. */
let threads = 0
process.on('worker', worker => {
  threads += 1
  worker.once('exit', () => {
    threads -= 1
  })
})

/** How many there are of each kind of what keeps a process from ending. */
const held = (): ReadonlyMap<string, number> => {
  const counts = new Map([['Worker', threads]])
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/** A process of its own would end here: by then a command has let go of all that it held. */
const wouldEnd = async (before: ReadonlyMap<string, number>): Promise<void> => {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    const more = [...held()].filter(([kind, count]) => count > (before.get(kind) ?? 0))
    if (more.length === 0) return
    assert.ok(performance.now() < end, `the command does not end: it holds ${more.map(([kind]) => kind).join(', ')}`)
    await pause(1)
  }
}

/** Has a stream's text kept instead of printed, until it is asked for. */
const kept = (stream: NodeJS.WriteStream): (() => string) => {
  let text = ''
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
    const done = rest.find(argument => typeof argument === 'function')
    if (done !== undefined) process.nextTick(done as () => void)
    return true
  }
  return () => {
    const all = text
    text = ''
    return all
  }
}

const printed = { stdout: kept(process.stdout), stderr: kept(process.stderr) }
process.on('warning', ({ name, message }) => {
  if (name !== 'ExperimentalWarning') process.stderr.write(`${name}: ${message}\n`)
})

const outcomeOf = async ({ args, input, env }: Request): Promise<Outcome> => {
  const before = held()
  const environment = { ...process.env }
  for (const [name, value] of Object.entries(env)) process.env[name] = value
  Object.defineProperty(process, 'stdin', { value: Readable.from(input === '' ? [] : [input]), configurable: true })
  process.exitCode = undefined
  const status = await runCommand(createProgram(), ['node', 'hark', ...args])
  await wouldEnd(before)
  const outcome = {
    status: status ?? Number(process.exitCode ?? 0),
    stdout: printed.stdout(),
    stderr: printed.stderr(),
  }
  process.exitCode = undefined
  for (const name of Object.keys(env)) delete process.env[name]
  Object.assign(process.env, environment)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal)
  return outcome
}

process.on('disconnect', () => process.exit())
process.on('message', async (request: Request) => {
  const outcome = await outcomeOf(request)
  process.send?.(outcome)
})
