import type { DrivenEntity, SiteState } from '../site-state.ts'
import type { BundleFolder } from './bundle-folder.ts'

/**
 * The view with each profile as its bundle allows: a router refuses a profile that names a file of authorities which is not
 * there, and a listener's bundle may well have none.
 */
export const withFoundProfiles = (view: SiteState, bundles: BundleFolder): SiteState => {
  const asFound = <Entity extends DrivenEntity>(entity: Entity): Entity => {
    const bundle = entity.type === 'sslProfile' ? view.bundleOf(entity.name) : undefined
    // A profile of authorities alone would be of nothing without them.
    if (bundle !== entity.name || !bundles.isWithoutAuthorities(bundle)) return entity
    const { caCertFile: _, ...attributes } = entity.attributes as { readonly caCertFile?: string }
    return { ...entity, attributes } as Entity
  }
  return {
    ...view,
    desired: () => view.desired().map(asFound),
    desiredEntity: (type, name) => {
      const entity = view.desiredEntity(type, name)
      return entity && asFound(entity)
    },
  }
}
