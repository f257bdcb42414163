import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LIMIT_NAMES } from '../../../src/config/limits.ts'
import type { Cases } from './limited-server.ts'
import { QUERY_CASES } from './queries.ts'
import { QUOTA_CASES } from './quotas.ts'
import { REQUEST_CASES } from './requests.ts'
import { TIMEOUT_CASES } from './timeouts.ts'

/** The type requires a test of each limit. */
const CASES: Cases = { ...REQUEST_CASES, ...QUERY_CASES, ...QUOTA_CASES, ...TIMEOUT_CASES }

test('limits › are each covered by a test', () => assert.deepEqual(Object.keys(CASES).sort(), LIMIT_NAMES.toSorted()))

for (const [limit, cases] of Object.entries(CASES)) {
  describe(limit, { concurrency: true }, () => {
    for (const [what, holds] of Object.entries(cases)) test(what, holds)
  })
}
