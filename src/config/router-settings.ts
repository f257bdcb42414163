import { isAbsolute, normalize, resolve } from 'node:path'
import { z } from 'zod'
import { noPrototype } from '../../schemas/resources/map-keys.ts'
import { resourceName } from '../../schemas/resources/names.ts'
import { DEFAULT_CERTIFICATES } from '../../schemas/router-entities.ts'
import { mismatch, mustBe } from '../../schemas/validation.ts'
import { checkTlsFiles, type TlsFiles } from './tls-files.ts'
import { keyValueList, withoutPassword } from './values.ts'

export interface RouterSetting {
  readonly namespace: string
  /** Without user and password. */
  readonly url: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly tls?: TlsFiles & { readonly serverName?: string | undefined }
  readonly certificates?: CertificatesSetting
}

interface CertificatesSetting {
  /** The path on the router's machine. */
  readonly folder: string
  readonly local: string
}

const URL_OF_ROUTER = 'the URL of a router (amqp://HOST:PORT or amqps://HOST:PORT)'
const FILE = mustBe('the path of a file', 'string')
const ROUTERS = mustBe('routers by namespace (NAMESPACE=URL)', 'object')
const CERTIFICATES = 'the absolute path of a folder on the machine of the router'
const LOCAL_CERTIFICATES = 'the path of a folder'

const routerUrl = z.string(mustBe(URL_OF_ROUTER, 'string')).transform((text, context) => {
  const url = URL.parse(text)
  const isRouter = (url?.protocol === 'amqp:' || url?.protocol === 'amqps:') && url.hostname !== ''
  if (url !== null && isRouter && /^\/?$/.test(url.pathname)) return url
  context.addIssue(mismatch(withoutPassword(text), URL_OF_ROUTER, 'string'))
  return z.NEVER
})

const path = (allowed: string, isRight: (text: string) => boolean) => {
  const wrong = mustBe(allowed, 'string')
  return z.string(wrong).refine(isRight, wrong)
}

const tlsFiles = z.strictObject({
  ca: z.string(FILE).optional(),
  certificate: z.string(FILE).optional(),
  key: z.string(FILE).optional(),
  serverName: z.string(mustBe('the name in the certificate of a router', 'string')).optional(),
})

const router = z.strictObject({
  url: routerUrl,
  username: z.string(mustBe('the name of a user', 'string')).optional(),
  password: z.string(mustBe('a password', 'string')).optional(),
  tls: tlsFiles.optional(),
  certificates: path(CERTIFICATES, isAbsolute)
    .transform(text => normalize(text).replace(/(?<=.)\/$/, ''))
    .optional(),
  localCertificates: path(LOCAL_CERTIFICATES, text => text !== '').optional(),
})

const withOptions = (value: unknown): unknown => {
  const given = typeof value === 'string' ? { url: value } : value
  if (typeof given !== 'object' || given === null || !('url' in given) || typeof given.url !== 'string') return given
  const [url, query] = given.url.split(/\?(.*)/s)
  if (query === undefined) return given
  return { ...Object.fromEntries(new URLSearchParams(query)), ...given, url }
}

export const routers = keyValueList('NAMESPACE=URL', withoutPassword)
  .check(noPrototype('a namespace'))
  .pipe(z.record(resourceName, z.preprocess(withOptions, router), ROUTERS))

type GivenRouters = z.output<typeof routers>
type GivenRouter = GivenRouters[string]

const tlsFilesOf = (namespace: string, { url, tls }: GivenRouter, base: string, errors: string[]) => {
  if (tls === undefined) return undefined
  const setting = `router ${namespace}: tls`
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(base, path))
  if ((tls.certificate === undefined) !== (tls.key === undefined)) {
    const missing = tls.key === undefined ? 'key' : 'certificate'
    errors.push(`${setting}.${missing} is missing: tls.certificate and tls.key must be set together`)
  }
  if (url.protocol !== 'amqps:') {
    errors.push(`router ${namespace}: tls requires an amqps:// URL, and this one begins with ${url.protocol}//`)
  }
  const files = { ca: absolute(tls.ca), certificate: absolute(tls.certificate), key: absolute(tls.key) }
  checkTlsFiles(setting, files, errors)
  return { ...files, serverName: tls.serverName }
}

/**
 * A wrong path fails at start, not at the first connection.
 *
 * @param base the folder of relative paths
 */
export const readRouters = (given: GivenRouters, base: string, errors: string[]): RouterSetting[] =>
  Object.entries(given).map(([namespace, router]) => {
    const { url, username, password, certificates, localCertificates } = router
    const tls = tlsFilesOf(namespace, router, base, errors)
    const folder = certificates ?? DEFAULT_CERTIFICATES
    return {
      namespace,
      url: `${url.protocol}//${url.host}`,
      username: username ?? (url.username === '' ? undefined : decodeURIComponent(url.username)),
      password: password ?? (url.password === '' ? undefined : decodeURIComponent(url.password)),
      ...(tls && { tls }),
      certificates: { folder, local: localCertificates === undefined ? folder : resolve(base, localCertificates) },
    }
  })
