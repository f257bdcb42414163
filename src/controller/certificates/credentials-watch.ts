import type { Clock } from '../../lib/clock.ts'
import { type Management, RouterRefusal } from '../../router/amqp/management.ts'
import { managementType } from '../entities/managed-entity.ts'
import type { SiteState } from '../site-state.ts'
import type { BundleUse } from './bundle.ts'
import type { BundleFolder } from './bundle-folder.ts'

const WATCH_MS = 5000

export interface CredentialsWatchOptions {
  readonly management: Management
  readonly view: SiteState
  readonly bundles: BundleFolder
  readonly clock: Clock
  /** What is to be said of some bundle is another than before. */
  readonly onNews: () => void
}

/** A profile that the router is to have, with what it is made of. */
interface Profile {
  readonly name: string
  readonly bundle: string
  readonly use: BundleUse
}

/**
 * Watches the bundles that a router's profiles are made of. A router reads files once; it reads them again for clients to
 * come when the profile's `ordinal` is set, which is the revision of the files that it has read.
 */
export class CredentialsWatch {
  readonly #options: CredentialsWatchOptions
  #said = ''

  constructor(options: CredentialsWatchOptions) {
    this.#options = options
  }

  /**
   * Goes on until the signal is aborted.
   *
   * @throws RouterUnreachable, or the signal's reason
   */
  async untilOver(signal: AbortSignal): Promise<never> {
    for (;;) {
      if (this.#options.bundles.isVisible) await this.#look()
      await this.#options.clock.sleep(WATCH_MS, signal)
    }
  }

  #profiles(): readonly Profile[] {
    const { view } = this.#options
    return view.desired().flatMap(entity => {
      const bundle = entity.type === 'sslProfile' ? view.bundleOf(entity.name) : undefined
      return bundle === undefined
        ? []
        : [{ name: entity.name, bundle, use: bundle === entity.name ? 'certificate' : 'authorities' }]
    })
  }

  async #look(): Promise<void> {
    const { bundles, onNews } = this.#options
    const profiles = this.#profiles()
    if (profiles.length === 0) return
    const said = profiles
      .map(({ bundle, use }) => `${bundles.isWithoutAuthorities(bundle)} ${bundles.fault(bundle, use) ?? ''}`)
      .join('\n')
    if (said !== this.#said) {
      this.#said = said
      onNews()
    }
    await this.#takeUp(profiles)
  }

  /** Has the router read what changed since it read it. A bundle of which half is written is left for the next time. */
  async #takeUp(profiles: readonly Profile[]): Promise<void> {
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
        // Tried again with the next look.
        if (!(error instanceof RouterRefusal)) throw error
      })
    }
  }
}
