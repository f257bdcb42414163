import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Bundle, type BundleUse, type FilesState, stateOfFiles } from './bundle.ts'

interface CachedBundle extends FilesState {
  readonly bundle: Bundle
}

/** Caches bundles until their files change. */
export class BundleFolder {
  readonly #path: string
  readonly #now: () => number
  readonly #cache = new Map<string, CachedBundle>()

  constructor(path: string, now: () => number = Date.now) {
    this.#path = path
    this.#now = now
  }

  get isVisible(): boolean {
    try {
      return statSync(this.#path).isDirectory()
    } catch {
      return false
    }
  }

  revision(name: string): number | undefined {
    return this.#bundle(name)?.revision || undefined
  }

  fault(name: string, use: BundleUse): string | undefined {
    return this.#message(name, this.#bundle(name)?.bundle.faults(use, this.#now()))
  }

  warning(name: string, use: BundleUse): string | undefined {
    return this.fault(name, use) ?? this.#message(name, this.#bundle(name)?.bundle.warnings(use, this.#now()))
  }

  isWithoutAuthorities(name: string): boolean {
    const known = this.#bundle(name)
    return known !== undefined && known.revision > 0 && !known.bundle.hasAuthorities
  }

  #message(name: string, faults: readonly string[] = []): string | undefined {
    return faults.length === 0 ? undefined : `TLS credentials ${name}: ${faults.join('; ')}`
  }

  #bundle(name: string): CachedBundle | undefined {
    if (!this.isVisible) return undefined
    const folder = join(this.#path, name)
    const known = this.#cache.get(name)
    try {
      const state = stateOfFiles(folder)
      if (known?.signature === state.signature) return known
      const found = { ...state, bundle: new Bundle(folder) }
      this.#cache.set(name, found)
      return found
    } catch {
      return undefined
    }
  }
}
