import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Output, start } from '../cli/hark.ts'
import { HttpHark } from './process/http-hark.ts'

/** `hark serve` in a separate process. */
export class RunningHark extends HttpHark {
  /** Its standard error. */
  readonly log: Output
  readonly #process: ChildProcess

  private constructor(process: ChildProcess, url: string, log: Output) {
    super(url)
    this.#process = process
    this.log = log
  }

  /** Resolves when it listens; rejects with its output if it exits before. */
  static async start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<RunningHark> {
    const process = start(['serve', '--port', '0', '--log-level', 'warn', ...args], { env })
    const errors = new Output(process.stderr!)
    const output = new Output(process.stdout!)
    const [, url] = await output.until(/(http:\/\/\S+)\/graphql/).catch(error => {
      throw new Error(`${error.message}\n${errors.text}`)
    })
    return new RunningHark(process, url as string, errors)
  }

  get pid(): number {
    return this.#process.pid as number
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.kill(signal)
    await once(this.#process, 'exit')
  }

  /** Sends SIGKILL. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  /** Resolves with its exit status. */
  async exitStatus(): Promise<number | null> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'exit')
    return this.#process.exitCode
  }

  /** Sends SIGSTOP: it is suspended, and its connections stay. */
  pause(): void {
    this.#process.kill('SIGSTOP')
  }

  resume(): void {
    this.#process.kill('SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}
