import { type Output, startInProcess } from '../../cli/hark.ts'
import { HttpHark } from './http-hark.ts'

/** `hark serve` in this process, which starts in a tenth of the time; only RunningHark can be killed. */
export class ServedHark extends HttpHark {
  /** Its standard error. */
  readonly log: Output
  readonly #command: ReturnType<typeof startInProcess>

  private constructor(url: string, command: ReturnType<typeof startInProcess>) {
    super(url)
    this.log = command.stderr
    this.#command = command
  }

  /** Resolves when it listens; rejects with its output if it exits before. */
  static async start(args: readonly string[]): Promise<ServedHark> {
    const command = startInProcess(['serve', '--port', '0', '--log-level', 'warn', ...args])
    const [, url] = await command.stdout.until(/(http:\/\/\S+)\/graphql/).catch(error => {
      throw new Error(`${error.message}\n${command.stderr.text}`)
    })
    return new ServedHark(url as string, command)
  }

  /** Shuts down as at SIGTERM. */
  async stop(): Promise<void> {
    this.#command.abort()
    await this.#command.status
  }

  exitStatus(): Promise<number> {
    return this.#command.status
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
