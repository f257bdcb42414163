import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

export const WATCHED_FILE = 'watched.json'
const SAVE_EVERY_MS = 1000

const contents = z.record(z.string(), z.object({ driver: z.string(), until: z.iso.datetime() }))

type Watched = z.infer<typeof contents>

/** Empty if the file is missing or truncated by a crash. */
const read = (file: string): Watched => {
  try {
    return contents.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return {}
  }
}

/** The log does not hold this: a quiet network writes no events. */
export class WatchedRouters {
  readonly #file: string | undefined
  readonly #onFailure: (error: unknown) => void
  readonly #watched: Map<string, Watched[string]>
  #savedAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(file: string | undefined, onFailure: (error: unknown) => void = () => undefined) {
    this.#file = file
    this.#onFailure = onFailure
    this.#watched = new Map(file === undefined ? [] : Object.entries(read(file)))
  }

  /** Returns milliseconds since 1970; undefined if another engine was the last driver. */
  until(namespace: string, driver: string | undefined): number | undefined {
    const watched = this.#watched.get(namespace)
    return watched === undefined || watched.driver !== driver ? undefined : Date.parse(watched.until)
  }

  driver(namespace: string): string | undefined {
    return this.#watched.get(namespace)?.driver
  }

  note(namespace: string, driver: string, time: number): void {
    this.#watched.set(namespace, { driver, until: new Date(time).toISOString() })
    const wait = this.#savedAt + SAVE_EVERY_MS - performance.now()
    if (wait <= 0) this.save()
    else this.#timer ??= setTimeout(() => this.save(), wait).unref()
  }

  save(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#savedAt = performance.now()
    if (this.#file === undefined || this.#watched.size === 0) return
    try {
      const fresh = `${this.#file}.new`
      writeFileSync(fresh, JSON.stringify(Object.fromEntries(this.#watched)), { mode: 0o600 })
      renameSync(fresh, this.#file)
    } catch (error) {
      this.#onFailure(error)
    }
  }
}
