import { DEFAULT_CERTIFICATES } from '../schemas/router-entities.ts'
import { type ProfileContent, sslProfile } from './router-config/entities.ts'
import type { EntityRow, RouterConfigDraft } from './router-config/tables.ts'

/** Profiles of whole bundles have the name of their bundle. */
interface ProfileUse extends ProfileContent {
  readonly name: string
}

export const profileKey = (namespace: string, name: string): string => `profile-${namespace}.${name}`

export const profileIndex = (namespace: string, { name, bundle }: Pick<ProfileUse, 'name' | 'bundle'>): string =>
  `${namespace}/${name}/${bundle}`

export const profileUseOf = (row: EntityRow | undefined): ProfileUse | undefined => {
  const name = row !== undefined && 'sslProfile' in row.attributes ? row.attributes.sslProfile : undefined
  if (row === undefined || name === undefined) return undefined
  const { bundle = name } = row
  return { name, bundle, isWhole: name === bundle }
}

const SUFFIX = '-profile'

/**
 * A profile with the CA certificate only has the name that Skupper uses. If a whole bundle has that name, the profile
 * gets one that no bundle can have.
 */
export const authoritiesProfile = (config: RouterConfigDraft, namespace: string, bundle: string): ProfileUse => {
  const usual = bundle + SUFFIX
  const isTaken = config.hasAny('entities', 'profile', profileIndex(namespace, { name: usual, bundle: usual }))
  return { name: isTaken ? `${bundle}_profile` : usual, bundle, isWhole: false }
}

/** Renames the CA profile when a whole bundle with its name appears or disappears. */
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
