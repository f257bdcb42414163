import type { Clock } from '../../lib/clock.ts'
import { type Management, RouterRefusal } from '../../router/amqp/management.ts'
import { managementType } from '../entities/managed-entity.ts'
import type { SiteState } from '../site-state.ts'
import type { BundleUse } from './bundle.ts'
import type { BundleFolder } from './bundle-folder.ts'

const CHECK_MS = 5000

interface CredentialsWatchOptions {
  readonly management: Management
  readonly site: SiteState
  readonly bundles: BundleFolder
  readonly clock: Clock
  readonly onChange: () => void
}

interface Profile {
  readonly name: string
  readonly bundle: string
  readonly use: BundleUse
}

/** A router reads a profile's files again if `ordinal` is set: Hark sets it to the revision of the files. */
export class CredentialsWatch {
  readonly #options: CredentialsWatchOptions
  #lastState = ''

  constructor(options: CredentialsWatchOptions) {
    this.#options = options
  }

  async run(signal: AbortSignal): Promise<never> {
    for (;;) {
      if (this.#options.bundles.isVisible) await this.#check()
      await this.#options.clock.sleep(CHECK_MS, signal)
    }
  }

  #profiles(): readonly Profile[] {
    const { site } = this.#options
    return site.desired().flatMap(entity => {
      const bundle = entity.type === 'sslProfile' ? site.bundleOf(entity.name) : undefined
      return bundle === undefined
        ? []
        : [{ name: entity.name, bundle, use: bundle === entity.name ? 'certificate' : 'authorities' }]
    })
  }

  async #check(): Promise<void> {
    const { bundles, onChange } = this.#options
    const profiles = this.#profiles()
    if (profiles.length === 0) return
    const state = profiles
      .map(({ bundle, use }) => `${bundles.isWithoutAuthorities(bundle)} ${bundles.fault(bundle, use) ?? ''}`)
      .join('\n')
    if (state !== this.#lastState) {
      this.#lastState = state
      onChange()
    }
    await this.#updateOrdinals(profiles)
  }

  async #updateOrdinals(profiles: readonly Profile[]): Promise<void> {
    const { management, bundles } = this.#options
    const type = managementType('sslProfile')
    const held = new Map(
      (await management.query(type, ['name', 'ordinal'])).map(({ name, ordinal }) => [name, ordinal]),
    )
    for (const { name, bundle, use } of profiles) {
      const ordinal = bundles.revision(bundle)
      if (!held.has(name) || ordinal === undefined || Number(held.get(name)) === ordinal) continue
      if (bundles.fault(bundle, use) !== undefined) continue
      await management.update(type, name, { ordinal }).catch(error => {
        if (!(error instanceof RouterRefusal)) throw error
      })
    }
  }
}
