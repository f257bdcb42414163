import { readFileSync } from 'node:fs'
import { isAbsolute, normalize, resolve } from 'node:path'
import { z } from 'zod'
import { resourceName } from '../../schemas/resources/names.ts'
import { DEFAULT_CERTIFICATES } from '../../schemas/router-entities.ts'
import { mismatch, mustBe } from '../../schemas/validation.ts'
import { utf8Text } from '../lib/utf8.ts'
import { assignments } from './key-value-list.ts'

/** A router that Hark is to drive. Certificates and keys are PEM texts. */
export interface RouterSetting {
  readonly namespace: string
  /** Without a user's name and password. */
  readonly url: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly tls?: {
    readonly ca?: string | undefined
    readonly certificate?: string | undefined
    readonly key?: string | undefined
    readonly serverName?: string | undefined
  }
  readonly certificates?: CertificatesSetting
}

/** Where bundles of TLS credentials are, each in a folder of its own. */
export interface CertificatesSetting {
  /** As the router sees it. */
  readonly folder: string
  /** The same folder as Hark sees it, where it sees it at all. */
  readonly local: string
}

const URL_OF_ROUTER = 'the URL of a router (amqp://HOST:PORT or amqps://HOST:PORT)'
const FILE = mustBe('the path of a file', 'string')
const ROUTERS = mustBe('routers by namespace (NAMESPACE=URL)', 'object')
const CERTIFICATES = 'the absolute path of a folder on the machine of the router'
const LOCAL_CERTIFICATES = 'the path of a folder'

const withoutPassword = (text: string): string => text.replace(/\/\/[^/]*@/, '//…@')

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

/** `URL?certificates=FOLDER` says the same as a map with `url` and `certificates`. */
const withOptions = (value: unknown): unknown => {
  const given = typeof value === 'string' ? { url: value } : value
  if (typeof given !== 'object' || given === null || !('url' in given) || typeof given.url !== 'string') return given
  const [url, query] = given.url.split(/\?(.*)/s)
  if (query === undefined) return given
  return { ...Object.fromEntries(new URLSearchParams(query)), ...given, url }
}

/** Routers by namespace, each as its URL or with TLS files; paths are as they were given. */
export const routers = assignments('NAMESPACE=URL', withoutPassword).pipe(
  z.record(resourceName, z.preprocess(withOptions, router), ROUTERS),
)
export type RoutersGiven = z.output<typeof routers>

/**
 * Reads the files that are named, so that a wrong path stops the start and not the first connection.
 *
 * @param base the folder that paths start from
 * @param faults gets a line for each file that cannot be read, and for a key without its certificate
 */
export const routerSettings = (given: RoutersGiven, base: string, faults: string[]): RouterSetting[] =>
  Object.entries(given).map(([namespace, { url, username, password, tls, ...paths }]) => {
    const at = (name: string): string => `router ${namespace}: tls.${name}`
    const read = (name: 'ca' | 'certificate' | 'key'): string | undefined => {
      const path = tls?.[name]
      if (path === undefined) return undefined
      try {
        return utf8Text(readFileSync(resolve(base, path)))
      } catch (error) {
        faults.push(`${at(name)}: ${path} cannot be read: ${(error as Error).message}`)
        return undefined
      }
    }
    if (tls !== undefined && (tls.certificate === undefined) !== (tls.key === undefined)) {
      faults.push(
        `${at(tls.key === undefined ? 'key' : 'certificate')} is missing: a certificate and its key go together`,
      )
    }
    if (tls !== undefined && url.protocol !== 'amqps:') {
      faults.push(`router ${namespace}: tls is for amqps:// alone, and the URL begins with ${url.protocol}//`)
    }
    const files = tls && {
      ca: read('ca'),
      certificate: read('certificate'),
      key: read('key'),
      serverName: tls.serverName,
    }
    const folder = paths.certificates ?? DEFAULT_CERTIFICATES
    const local = paths.localCertificates === undefined ? folder : resolve(base, paths.localCertificates)
    return {
      namespace,
      url: `${url.protocol}//${url.host}`,
      username: username ?? (url.username === '' ? undefined : decodeURIComponent(url.username)),
      password: password ?? (url.password === '' ? undefined : decodeURIComponent(url.password)),
      ...(files && { tls: files }),
      certificates: { folder, local },
    }
  })
