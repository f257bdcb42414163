import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Bundle, type BundleUse, type FilesState, stateOfFiles } from './bundle.ts'

interface Known extends FilesState {
  readonly bundle: Bundle
}

/** The bundles in one folder, as far as this process can see it; read again only when their files changed. */
export class BundleFolder {
  readonly #path: string
  readonly #now: () => number
  readonly #known = new Map<string, Known>()

  constructor(path: string, now: () => number = Date.now) {
    this.#path = path
    this.#now = now
  }

  /** Whether anything can be said of bundles at all. */
  get isVisible(): boolean {
    try {
      return statSync(this.#path).isDirectory()
    } catch {
      return false
    }
  }

  /** Of the files of a bundle; undefined where there are none, or they cannot be seen. */
  revision(name: string): number | undefined {
    return this.#look(name)?.revision || undefined
  }

  /** What is wrong with a bundle for this use, for people; undefined where nothing is, or nothing can be seen. */
  fault(name: string, use: BundleUse): string | undefined {
    return this.#said(name, this.#look(name)?.bundle.faults(use, this.#now()))
  }

  /** What is wrong with it, or soon will be. */
  warning(name: string, use: BundleUse): string | undefined {
    return this.fault(name, use) ?? this.#said(name, this.#look(name)?.bundle.warnings(use, this.#now()))
  }

  /** Whether a bundle is there, and has no certificates of authorities. */
  isWithoutAuthorities(name: string): boolean {
    const known = this.#look(name)
    return known !== undefined && known.revision > 0 && !known.bundle.hasAuthorities
  }

  #said(name: string, words: readonly string[] = []): string | undefined {
    return words.length === 0 ? undefined : `TLS credentials ${name}: ${words.join('; ')}`
  }

  #look(name: string): Known | undefined {
    if (!this.isVisible) return undefined
    const folder = join(this.#path, name)
    const known = this.#known.get(name)
    try {
      const state = stateOfFiles(folder)
      if (known?.signature === state.signature) return known
      const found = { ...state, bundle: new Bundle(folder) }
      this.#known.set(name, found)
      return found
    } catch {
      // Something on the way to the files may not be looked at.
      return undefined
    }
  }
}
