import { z } from 'zod'
import { mismatch, mustBe } from '../../schemas/validation.ts'
import { SETTINGS } from './settings.ts'
import { keyValueList } from './values.ts'

const FILE = mustBe('the path of a file', 'string')
const TEXT = mustBe('a text', 'string')
/** Asymmetric algorithms only: neither shared secrets nor `none`. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const
const ALGORITHM = mustBe(`an algorithm (of ${ALGORITHMS.join(', ')})`, 'string')
const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/i

export const isLoopback = (host: string): boolean => LOOPBACK.test(host)

const list = (value: unknown): unknown => (typeof value === 'string' ? value.split(/[\s,]+/).filter(Boolean) : value)

const unlessEmpty = (map: Record<string, unknown>) => (Object.keys(map).length === 0 ? undefined : map)

const jwks = z.string(FILE).superRefine((text, context) => {
  if (!/^[a-z]+:\/\//i.test(text)) return
  const url = URL.parse(text)
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1')))
  if (!isSafe) context.addIssue(mismatch(text, 'the URL of a key set (https://…) or the path of a file', 'string'))
})

export const jwtSetting = keyValueList('NAME=VALUE, such as issuer=https://login.example')
  .transform(unlessEmpty)
  .pipe(
    z
      .strictObject({
        issuer: z.string(TEXT).min(1, TEXT),
        audience: z.string(TEXT).min(1, TEXT),
        jwks,
        algorithms: z
          .preprocess(list, z.array(z.enum(ALGORITHMS, ALGORITHM)).min(1))
          .default(['RS256', 'ES256', 'EdDSA']),
        rolesClaim: z.string(TEXT).min(1, TEXT).default('roles'),
      })
      .optional(),
  )

export const tlsSetting = keyValueList('NAME=FILE, such as certificate=tls.crt')
  .transform(unlessEmpty)
  .pipe(z.strictObject({ certificate: z.string(FILE), key: z.string(FILE) }).optional())

const SWITCH = mustBe('on or off', 'string')
/** YAML 1.1 reads `on` as a boolean. */
const onOff = (value: unknown): unknown => {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return value
}
export const newLogSetting = z
  .preprocess(onOff, z.enum(['on', 'off'], SWITCH).default(SETTINGS.newLog.default))
  .transform(value => value === 'on')

export const graphiqlSetting = z
  .preprocess(onOff, z.enum(['on', 'off'], SWITCH).optional())
  .transform(value => (value === undefined ? undefined : value === 'on'))

const ORIGIN = mustBe('an origin (https://HOST)', 'string')
const origin = z.string(ORIGIN).refine(text => URL.parse(text)?.origin === text, ORIGIN)
export const originsSetting = z.preprocess(list, z.array(origin).default([]))

const PROXY = mustBe('an IP address or a network (10.0.0.0/8)', 'string')
const proxy = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], PROXY)
export const proxiesSetting = z.preprocess(list, z.array(proxy).optional())
