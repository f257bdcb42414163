import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { z } from 'zod'
import {
  credentialsName,
  hostName,
  namespaceName,
  portNumber,
  resourceName,
  routingKey,
} from '../../schemas/resources/names.ts'

const label63 = 'a'.repeat(63)
const host253 = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value)
  return text.length < 60 ? text : `${text.slice(0, 20)}… of ${text.length} characters`
}

const table = (what: string, schema: z.ZodType, good: readonly unknown[], bad: readonly unknown[]): void => {
  describe(what, () => {
    for (const value of good) it(`may be ${shown(value)}`, () => assert.ok(schema.safeParse(value).success))
    for (const value of bad) it(`is not ${shown(value)}`, () => assert.ok(!schema.safeParse(value).success))
  })
}

const labels = ['a', '0', 'backend', 'hello-world-west', 'a--b', '123', label63]
const noLabels = ['', 'Backend', '-a', 'a-', 'a.b', 'a_b', 'a b', 'ä', 'a\n', `${label63}a`, 5, null]

const subdomain253 = `a.${'b'.repeat(251)}`
const noSubdomains = [
  '',
  'Db',
  '-a',
  'a-',
  '.a',
  'a.',
  'a..b',
  'a.-b',
  'a-.b',
  'a_b',
  'a b',
  'a/b',
  'a@b',
  'ä',
  'a\n',
  `${subdomain253}c`,
  5,
  null,
]

table('a name', resourceName, [...labels, 'db.orders', 'a.b.c', '0.1', `${label63}a`, subdomain253], noSubdomains)
table('a namespace', namespaceName, labels, noLabels)

table(
  'a host',
  hostName,
  [
    'backend',
    'Backend.Example',
    'a-b.c',
    '0a',
    '10.0.0.1',
    '0.0.0.0',
    '::',
    '::1',
    'FE80::1',
    '::ffff:10.0.0.1',
    host253,
  ],
  [
    '',
    '10.0.0.256',
    '10.0.0',
    '1.2.3.4.5',
    '1::2::3',
    '[::1]',
    'fe80::1%eth0',
    'a..b',
    'a.',
    '.a',
    '-a',
    'a-',
    'a_b',
    'a b',
    'a/b',
    'http://a',
    'a:80',
    'ä',
    `${'a'.repeat(64)}.b`,
    `${host253}e`,
    80,
    null,
  ],
)

table(
  'a port',
  portNumber,
  [1, 80, 8080, 65535],
  [0, -1, 65536, 80.5, Number.NaN, Number.POSITIVE_INFINITY, '80', null],
)

table(
  'a routing key',
  routingKey,
  ['backend', 'a/b:c', 'Ä', 'x'.repeat(253)],
  ['', ' ', 'a b', 'a\tb', 'a\u0000b', 'x'.repeat(254), 1, null],
)

table(
  'the name of TLS credentials',
  credentialsName,
  ['certs', 'backend.tls', 'a-b.c-d', 'x'.repeat(253)],
  ['', '..', '../certs', '/certs', 'a/b', 'a..b', '.a', 'Certs', 'x'.repeat(254), 1, null],
)
