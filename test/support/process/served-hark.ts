import { PassThrough, Readable } from 'node:stream'
import type { Io } from '../../../src/cli/io.ts'
import { runCommand } from '../../../src/cli/main.ts'
import { Output, plainEnvironment } from '../../cli/hark.ts'
import { HttpHark } from './http-hark.ts'

/** `hark serve` in this process, which starts in a tenth of the time; only RunningHark can be killed. */
export class ServedHark extends HttpHark {
  /** Its standard error. */
  readonly log: Output
  readonly #shutdown: AbortController
  readonly #status: Promise<number>

  private constructor(url: string, log: Output, shutdown: AbortController, status: Promise<number>) {
    super(url)
    this.log = log
    this.#shutdown = shutdown
    this.#status = status
  }

  /** Resolves when it listens; rejects with its output if it exits before. */
  static async start(args: readonly string[]): Promise<ServedHark> {
    const shutdown = new AbortController()
    const io = { stdin: Readable.from([]), stdout: new PassThrough(), stderr: new PassThrough() }
    const [output, errors] = [new Output(io.stdout), new Output(io.stderr)]
    const whole: Io = { ...io, env: plainEnvironment(), signal: shutdown.signal }
    const status = runCommand(['serve', '--port', '0', '--log-level', 'warn', ...args], whole).finally(() => {
      io.stdout.end()
      io.stderr.end()
    })
    const [, url] = await output.until(/(http:\/\/\S+)\/graphql/).catch(error => {
      throw new Error(`${error.message}\n${errors.text}`)
    })
    return new ServedHark(url as string, errors, shutdown, status)
  }

  /** Shuts down as at SIGTERM. */
  async stop(): Promise<void> {
    this.#shutdown.abort()
    await this.#status
  }

  exitStatus(): Promise<number> {
    return this.#status
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
