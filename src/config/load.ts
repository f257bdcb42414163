import { join, resolve } from 'node:path'
import type { z } from 'zod'
import { toIssues } from '../../schemas/validation.ts'
import { type RouterSetting, readRouters } from './router-settings.ts'
import { type StoreSetting, settingsSchema } from './schema.ts'
import { SETTING_NAMES, type SettingName } from './settings.ts'
import { readSources } from './sources.ts'
import { checkTlsFiles } from './tls-files.ts'

export type { RouterSetting } from './router-settings.ts'
export type { StoreSetting } from './schema.ts'

type Parsed = Readonly<z.output<typeof settingsSchema>>
type Optional = 'newLog' | 'onFailure' | 'jwt' | 'limits' | 'graphiql' | 'corsOrigins' | 'trustedProxies'

export interface Settings extends Omit<Parsed, 'store' | 'router' | 'tls' | Optional>, Partial<Pick<Parsed, Optional>> {
  readonly data: string
  readonly store: StoreSetting
  readonly routers: readonly RouterSetting[]
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined
}

export class InvalidSettings extends Error {
  override readonly name = 'InvalidSettings'
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('; '))
    this.lines = lines
  }
}

/**
 * Flags override variables, which override `hark.yaml` in the data folder.
 *
 * @throws InvalidSettings with every error found
 */
export const loadSettings = (flags: Partial<Record<SettingName, unknown>>, env: NodeJS.ProcessEnv): Settings => {
  const errors: string[] = []
  const given = readSources(flags, env, errors)
  const baseOf = (name: SettingName): string => given[name]?.base ?? '.'
  const parsed = settingsSchema.safeParse(Object.fromEntries(SETTING_NAMES.map(name => [name, given[name]?.value])))
  if (!parsed.success) {
    for (const { path, message } of toIssues(parsed.error)) {
      const [name = '', ...within] = path.split('.')
      const from = given[name as SettingName]?.from ?? name
      errors.push(`${[from, ...within].join('.')}: ${message}`)
    }
    throw new InvalidSettings(errors)
  }
  const { store, router, tls: tlsFiles, jwt, ...others } = parsed.data
  const routers = readRouters(router, baseOf('router'), errors)
  const tls = tlsFiles && {
    certificate: resolve(baseOf('tls'), tlsFiles.certificate),
    key: resolve(baseOf('tls'), tlsFiles.key),
  }
  if (tls !== undefined) checkTlsFiles('tls', tls, errors)
  if (errors.length > 0) throw new InvalidSettings(errors)

  const data = resolve(others.data)
  const absoluteStore = (): StoreSetting => {
    if (store === undefined) return { kind: 'sqlite', file: join(data, 'events.db') }
    return store.kind === 'sqlite' ? { ...store, file: resolve(baseOf('store'), store.file) } : store
  }
  const isFile = jwt !== undefined && !/^https?:/i.test(jwt.jwks)
  return {
    ...others,
    tls,
    jwt: isFile ? { ...jwt, jwks: resolve(baseOf('jwt'), jwt.jwks) } : jwt,
    data,
    routers,
    store: absoluteStore(),
  }
}
