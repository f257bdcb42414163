import type { ManagedEntity, SiteState } from '../site-state.ts'
import type { BundleFolder } from './bundle-folder.ts'

/**
 * The site with profiles reduced to the files that exist: a router refuses a profile that names a missing `ca.crt`, which the
 * bundle of a listener need not have.
 */
export const withAvailableProfiles = (site: SiteState, bundles: BundleFolder): SiteState => {
  const reduced = <Entity extends ManagedEntity>(entity: Entity): Entity => {
    const bundle = entity.type === 'sslProfile' ? site.bundleOf(entity.name) : undefined
    // A profile for connectors consists of authorities alone: it is left as it is.
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
