import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import { z } from 'zod'
import { mismatch, mustBe } from '../../schemas/validation.ts'
import { utf8Text } from '../lib/utf8.ts'
import { assignments } from './key-value-list.ts'

const FILE = mustBe('the path of a file', 'string')
const TEXT = mustBe('a text', 'string')
/** Signatures with a key that is published. Those with a shared secret, and none at all, are not among them. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const
const ALGORITHM = mustBe(`an algorithm (of ${ALGORITHMS.join(', ')})`, 'string')
const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/i

/** Whether an address is reached from this machine alone. */
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

/** Whose JSON Web Tokens are taken; nobody's where nothing is given. */
export const jwtSetting = assignments('NAME=VALUE, such as issuer=https://login.example')
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

export const tlsSetting = assignments('NAME=FILE, such as certificate=tls.crt')
  .transform(unlessEmpty)
  .pipe(z.strictObject({ certificate: z.string(FILE), key: z.string(FILE) }).optional())

const SWITCH = mustBe('on or off', 'string')
/** YAML of old reads `on` as a truth. */
const switched = (value: unknown): unknown => {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return value
}
export const newLogSetting = z
  .preprocess(switched, z.enum(['on', 'off'], SWITCH).default('off'))
  .transform(value => value === 'on')

export const graphiqlSetting = z
  .preprocess(switched, z.enum(['on', 'off'], SWITCH).optional())
  .transform(value => (value === undefined ? undefined : value === 'on'))

const ORIGIN = mustBe('an origin (https://HOST)', 'string')
const origin = z.string(ORIGIN).refine(text => URL.parse(text)?.origin === text, ORIGIN)
export const originsSetting = z.preprocess(list, z.array(origin).default([]))

const PROXY = mustBe('an IP address or a network (10.0.0.0/8)', 'string')
const proxy = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], PROXY)
export const proxiesSetting = z.preprocess(list, z.array(proxy).optional())

/**
 * Reads a certificate and its key.
 *
 * @param base the folder that paths start from
 * @param faults gets a line for each file that cannot be read
 */
export const readTls = (
  files: { readonly certificate: string; readonly key: string } | undefined,
  base: string,
  faults: string[],
): { readonly certificate: string; readonly key: string } | undefined => {
  if (files === undefined) return undefined
  const read = (name: 'certificate' | 'key'): string => {
    try {
      return utf8Text(readFileSync(resolve(base, files[name])))
    } catch (error) {
      faults.push(`tls.${name}: ${files[name]} cannot be read: ${(error as Error).message}`)
      return ''
    }
  }
  const tls = { certificate: read('certificate'), key: read('key') }
  if (tls.certificate === '' || tls.key === '') return undefined
  try {
    createSecureContext({ cert: tls.certificate, key: tls.key })
  } catch (error) {
    const { message } = error as Error
    faults.push(`tls: ${files.certificate} and ${files.key} are no certificate and its key (PEM): ${message}`)
  }
  return tls
}
