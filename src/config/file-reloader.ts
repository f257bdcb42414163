import { statSync } from 'node:fs'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'

interface ReloadLabels {
  readonly use: 'server' | 'router' | 'jwt'
  readonly namespace: string
}

interface WatchedFiles {
  readonly labels: ReloadLabels
  readonly paths: readonly string[]
  /**
   * Returns when the certificate expires, if it read one.
   *
   * @throws Error if the files cannot be used; what was read before stays in use
   */
  readonly load: () => Date | undefined
}

export interface ReloadState {
  readonly labels: ReloadLabels
  readonly expiresAt: Date | undefined
  readonly failures: number
  readonly isCurrent: boolean
}

interface Entry {
  readonly files: WatchedFiles
  signature: string
  state: ReloadState
}

const CHECK_MS = 5000

/** Follows links, so it notices a mounted Kubernetes secret, whose folder is replaced. */
const signatureOf = (paths: readonly string[]): string =>
  paths
    .map(path => {
      try {
        const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
        return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`
      } catch (error) {
        return (error as NodeJS.ErrnoException).code
      }
    })
    .join('; ')

export class FileReloader {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #entries: Entry[] = []
  #timer: Timer | undefined

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock
    this.#logger = logger
  }

  get states(): readonly ReloadState[] {
    return this.#entries.map(({ state }) => state)
  }

  watch(files: WatchedFiles): void {
    const { labels, paths, load } = files
    const signature = signatureOf(paths)
    this.#entries.push({ files, signature, state: { labels, expiresAt: load(), failures: 0, isCurrent: true } })
  }

  start(): void {
    if (this.#entries.length > 0) this.#timer = this.#clock.setInterval(() => this.#loadChanged(), CHECK_MS)
  }

  reload(): void {
    for (const entry of this.#entries) this.#load(entry, signatureOf(entry.files.paths))
  }

  close(): void {
    this.#timer?.cancel()
  }

  #loadChanged(): void {
    for (const entry of this.#entries) {
      const signature = signatureOf(entry.files.paths)
      if (signature !== entry.signature) this.#load(entry, signature)
    }
  }

  #load(entry: Entry, signature: string): void {
    const { labels, paths, load } = entry.files
    entry.signature = signature
    try {
      const expiresAt = load()
      entry.state = { ...entry.state, expiresAt, isCurrent: true }
      this.#logger.info({ ...labels, paths, expiresAt }, 'files were read again')
    } catch (error) {
      entry.state = { ...entry.state, failures: entry.state.failures + 1, isCurrent: false }
      this.#logger.error(
        { ...labels, paths, error },
        'changed files cannot be used: what was read before stays in use until they change again',
      )
    }
  }
}
