import { DEFAULT_CERTIFICATES } from '../schemas/router-entities.ts'
import { type ProfileContent, sslProfile } from './router-config/entities.ts'
import type { EntityRow, RouterConfigDraft } from './router-config/tables.ts'

/** A profile as an endpoint uses it. The profile of a whole bundle bears the bundle's name. */
export interface ProfileUse extends ProfileContent {
  readonly name: string
}

/** Under what the profile of a namespace's router stands among its entities. */
export const profileKey = (namespace: string, name: string): string => `profile-${namespace}.${name}`

/** None of the three has a slash in it. */
export const profileIndex = (namespace: string, { name, bundle }: Pick<ProfileUse, 'name' | 'bundle'>): string =>
  `${namespace}/${name}/${bundle}`

/** Undefined for what uses no profile. */
export const profileUseOf = (row: EntityRow | undefined): ProfileUse | undefined => {
  const name = row !== undefined && 'sslProfile' in row.attributes ? row.attributes.sslProfile : undefined
  if (row === undefined || name === undefined) return undefined
  const { bundle = name } = row
  return { name, bundle, isWhole: name === bundle }
}

const SUFFIX = '-profile'

/**
 * The profile with a bundle's authorities alone, named as Skupper names it. Where a bundle of that very name is in use, its
 * own profile has the name, and this one gets a name that no bundle can have.
 */
export const authoritiesProfile = (config: RouterConfigDraft, namespace: string, bundle: string): ProfileUse => {
  const usual = bundle + SUFFIX
  const isTaken = config.hasAny('entities', 'profile', profileIndex(namespace, { name: usual, bundle: usual }))
  return { name: isTaken ? `${bundle}_profile` : usual, bundle, isWhole: false }
}

/** A bundle came into use whose name another bundle's authorities may have, or left: those take the name that is right. */
const settleNames = (config: RouterConfigDraft, namespace: string, wholeBundle: string): void => {
  if (!wholeBundle.endsWith(SUFFIX)) return
  const bundle = wholeBundle.slice(0, -SUFFIX.length)
  const right = authoritiesProfile(config, namespace, bundle)
  const wrong = { ...right, name: right.name === wholeBundle ? `${bundle}_profile` : wholeBundle }
  for (const key of config.keysWhere('entities', 'profile', profileIndex(namespace, wrong))) {
    const row = config.get('entities', key) as EntityRow
    config.put('entities', key, { ...row, attributes: { ...row.attributes, sslProfile: right.name } } as EntityRow)
    settleProfile(config, namespace, right)
    settleProfile(config, namespace, wrong)
  }
}

/** One profile a name, for as long as something uses it: to be called with what is used, and with what was. */
export const settleProfile = (config: RouterConfigDraft, namespace: string, use: ProfileUse): void => {
  if (use.isWhole) settleNames(config, namespace, use.name)
  const key = profileKey(namespace, use.name)
  const isThere = config.get('entities', key)?.bundle === use.bundle
  const isUsed = config.hasAny('entities', 'profile', profileIndex(namespace, use))
  if (isUsed && !isThere) {
    const folder = config.get('certificates', namespace)?.folder ?? DEFAULT_CERTIFICATES
    config.put('entities', key, { ...sslProfile(use.name, use, folder), namespace, bundle: use.bundle })
    if (config.get('retired', key) !== undefined) config.remove('retired', key)
  }
  if (!isUsed && isThere) {
    config.remove('entities', key)
    config.put('retired', key, { namespace, name: use.name })
  }
}

/** The router finds bundles in another folder from now on. */
export const moveCertificates = (config: RouterConfigDraft, namespace: string, folder: string): void => {
  config.put('certificates', namespace, { namespace, folder })
  for (const key of config.keysWhere('entities', 'namespace', namespace)) {
    const row = config.get('entities', key)
    if (row?.type !== 'sslProfile' || row.bundle === undefined) continue
    const { name, bundle } = row
    const profile = sslProfile(name, { bundle, isWhole: name === bundle }, folder)
    config.put('entities', key, { ...profile, namespace, bundle })
  }
}
