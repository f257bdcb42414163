import type { ManagedEntity } from '../entities/managed-entity.ts'
import type { SiteState } from '../site-state.ts'
import type { BundleFolder } from './bundle-folder.ts'

/** Removes missing `ca.crt` files from profiles: a router refuses a profile that names one. */
export const withAvailableProfiles = (site: SiteState, bundles: BundleFolder): SiteState => {
  const reduced = <Entity extends ManagedEntity>(entity: Entity): Entity => {
    const bundle = entity.type === 'sslProfile' ? site.bundleOf(entity.name) : undefined
    // A connector's profile has no other file.
    if (bundle !== entity.name || !bundles.isWithoutAuthorities(bundle)) return entity
    const { caCertFile: _, ...attributes } = entity.attributes as { readonly caCertFile?: string }
    return { ...entity, attributes } as Entity
  }
  return {
    ...site,
    desired: () => site.desired().map(reduced),
    desiredEntity: (type, name) => {
      const entity = site.desiredEntity(type, name)
      return entity && reduced(entity)
    },
  }
}
