import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { LAUNCHER, Output, plainEnvironment } from '../cli/hark.ts'
import { spawn } from '../support/process/child-process.ts'
import { type ScratchFolder, scratchFolder } from '../support/scratch-folder.ts'
import { ROOT } from '../support/tree.ts'

/** The address that pages write; every test gets a free port instead. */
const DOCUMENTED_URL = 'http://127.0.0.1:4000'

export interface Outcome {
  readonly status: number | null
  readonly output: string
}

/** Runs the commands of a page as a reader types them, in a folder that holds a fresh checkout's examples. */
export class DocumentationShell implements AsyncDisposable {
  readonly #folder: ScratchFolder
  #engine: ChildProcess | undefined
  readonly #watchers: ChildProcess[] = []
  #url = DOCUMENTED_URL

  private constructor(folder: ScratchFolder) {
    this.#folder = folder
  }

  static async open(): Promise<DocumentationShell> {
    const folder = await scratchFolder()
    await symlink(join(ROOT, 'examples'), join(folder.path, 'examples'))
    const bin = join(folder.path, '.bin')
    await mkdir(bin)
    const npx = `#!/bin/sh\nshift\nexec '${process.execPath}' '${LAUNCHER}' "$@"\n`
    await writeFile(join(bin, 'npx'), npx, { mode: 0o755 })
    return new DocumentationShell(folder)
  }

  #spawn(line: string): ChildProcess {
    const { path } = this.#folder
    const env = { ...plainEnvironment(), HARK_SERVER: this.#url, PATH: `${join(path, '.bin')}:${process.env.PATH}` }
    const script = line.replaceAll(DOCUMENTED_URL, this.#url).replace(/--port 4000\b/, '--port 0')
    return spawn('/bin/sh', ['-c', script], { cwd: path, env: { ...env, HARK_PORT: '0' } })
  }

  /** Runs a command to its end; its output is what a terminal shows. */
  async run(line: string): Promise<Outcome> {
    const child = this.#spawn(`{ ${line}\n} 2>&1`)
    const [output, [status]] = await Promise.all([
      text(child.stdout!),
      once(child, 'close') as Promise<[number | null]>,
    ])
    return { status, output: output.replaceAll(this.#url, DOCUMENTED_URL).trim() }
  }

  /** Starts a command that keeps running; resolves once an engine serves, or once anything else has printed. */
  async start(line: string): Promise<void> {
    if (!/ hark (serve|demo) /.test(`${line} `)) {
      const watcher = this.#spawn(`exec ${line.trim()}`)
      this.#watchers.push(watcher)
      await new Output(watcher.stdout!).until(/./)
      return
    }
    await this.#end()
    this.#engine = this.#spawn(`exec ${line.trim()}`)
    const [, demo, serve] = await new Output(this.#engine.stdout!).until(
      /GraphiQL +(http:\S+)\/graphql|"graphql":"(http:[^"]+)\/graphql"/,
    )
    this.#url = (demo ?? serve) as string
  }

  /** Ends all that was started. */
  async #end(): Promise<void> {
    const running = [this.#engine, ...this.#watchers.splice(0)].filter(child => child !== undefined)
    this.#engine = undefined
    for (const child of running) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const ended = once(child, 'exit')
      child.kill('SIGINT')
      await ended
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end()
    await this.#folder[Symbol.asyncDispose]()
  }
}
