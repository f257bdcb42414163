import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough, Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Io } from '../../src/cli/io.ts'
import { runCommand } from '../../src/cli/main.ts'
import { createProgram } from '../../src/cli/program.ts'
import { spawn } from '../support/process/child-process.ts'

export const LAUNCHER = fileURLToPath(new URL('../../bin/hark.js', import.meta.url))

/** Limit of waiting for output. */
const PATIENCE_MS = 60_000

export interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly input?: string
  readonly env?: NodeJS.ProcessEnv
  /** Only for commands in this process. */
  readonly now?: () => Date
}

/** The environment without what a developer may have set for Hark. */
export const plainEnvironment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^HARK_|^(NO|FORCE)_COLOR$|^NODE_TEST/.test(name)),
  ),
  XDG_CONFIG_HOME: '/dev/null',
})

/** Starts the command as a process of its own. */
export const start = (args: readonly string[], { env = {} }: RunOptions = {}): ChildProcess =>
  spawn(process.execPath, [LAUNCHER, ...args], { env: { ...plainEnvironment(), ...env } })

/** Runs the command to its end. */
export const run = async (args: readonly string[], options: RunOptions = {}): Promise<Outcome> => {
  const child = start(args, options)
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(options.input ?? '')
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { status, stdout, stderr }
}

/** Starts a command in this process; `abort` is its Ctrl-C. */
export const startInProcess = (args: readonly string[]) => {
  const shutdown = new AbortController()
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const io: Io = { stdin: Readable.from([]), stdout, stderr, env: plainEnvironment(), signal: shutdown.signal }
  const status = runCommand(args, io).finally(() => {
    stdout.end()
    stderr.end()
  })
  return { stdout: new Output(stdout), stderr: new Output(stderr), status, abort: () => shutdown.abort() }
}

/** A stream of a command in this process that keeps its output. */
class Kept extends Writable {
  text = ''

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

/** Runs the command to its end in this process: most of the time of a process goes into loading. */
export const runInProcess = async (
  args: readonly string[],
  { input = '', env = {}, now }: RunOptions = {},
  program = createProgram,
): Promise<Outcome> => {
  const [stdout, stderr] = [new Kept(), new Kept()]
  const io: Io = {
    stdin: Readable.from(input === '' ? [] : [Buffer.from(input)]),
    stdout,
    stderr,
    env: { ...plainEnvironment(), ...env },
    signal: new AbortController().signal,
    ...(now && { now }),
  }
  const status = await runCommand(args, io, program)
  return { status, stdout: stdout.text, stderr: stderr.text }
}

/** What a running command prints, as far as it has come. */
export class Output {
  #text = ''
  #ended = false
  #arrived = Promise.withResolvers<void>()

  constructor(stream: NodeJS.ReadableStream) {
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      this.#text += chunk
      this.#arrived.resolve()
    })
    stream.on('end', () => {
      this.#ended = true
      this.#arrived.resolve()
    })
  }

  get text(): string {
    return this.#text
  }

  /** Resolves once the output holds this; rejects where it ends without, or takes too long. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    const late = setTimeout(() => this.#arrived.reject(this.#without(pattern)), PATIENCE_MS)
    try {
      for (;;) {
        const match = pattern.exec(this.#text)
        if (match !== null) return match
        if (this.#ended) throw this.#without(pattern)
        this.#arrived = Promise.withResolvers()
        await this.#arrived.promise
      }
    } finally {
      clearTimeout(late)
    }
  }

  #without(pattern: RegExp): Error {
    return new Error(`no ${pattern} in the output${this.#ended ? ', which has ended' : ''}:\n${this.#text}`)
  }
}
