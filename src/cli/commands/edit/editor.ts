import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CliError } from '../../errors.ts'
import { io } from '../../io.ts'

const DEFAULT_EDITOR = 'vi'
const PRIVATE = 0o600

/** Ctrl-C is for the editor. */
const ignore = (): void => undefined

export class EditedFile {
  readonly path: string
  readonly #folder: string

  private constructor(folder: string, name: string) {
    this.#folder = folder
    this.path = join(folder, name)
  }

  static async create(name: string): Promise<EditedFile> {
    return new EditedFile(await mkdtemp(join(io().env.TMPDIR || tmpdir(), 'hark-edit-')), name)
  }

  /** VISUAL or EDITOR may have arguments. */
  async edit(text: string): Promise<string> {
    const { VISUAL, EDITOR } = io().env
    const editor = VISUAL || EDITOR || DEFAULT_EDITOR
    await writeFile(this.path, text, { mode: PRIVATE })
    process.on('SIGINT', ignore)
    try {
      const child = spawn(`${editor} "$EDITED_FILE"`, {
        shell: true,
        stdio: 'inherit',
        env: { ...io().env, EDITED_FILE: this.path },
      })
      const [status, signal] = (await once(child, 'exit')) as [number | null, string | null]
      if (status !== 0)
        throw new CliError(`the editor '${editor}' ended with ${signal ?? `status ${status}`}: ${this.path} is kept`)
    } finally {
      process.off('SIGINT', ignore)
    }
    return readFile(this.path, 'utf8')
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true })
  }
}
