import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { TokenAuthenticator } from '../../src/auth/authenticator.ts'
import { FileTokens } from '../../src/auth/file-tokens.ts'
import { readGrant } from '../../src/auth/roles.ts'
import { changeTokens, newToken } from '../../src/auth/token-file.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { eventually } from '../support/eventually.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const made = (file: string, name: string): string => {
  const { token, entry } = newToken({ name, grants: [readGrant('viewer:west')!] })
  changeTokens(file, tokens => [...tokens, entry])
  return token
}

const withTokens = async (work: (file: string, open: () => TokenAuthenticator) => Promise<void>): Promise<void> => {
  await using folder = await scratchFolder()
  const file = join(folder.path, 'tokens.json')
  await work(file, () => new TokenAuthenticator(new FileTokens(file, silentLogger)))
}

const bearer = (token: string): string => `Bearer ${token}`

describe('FileTokens', () => {
  it('rejects all tokens, and requests without one, after the file is deleted', () =>
    withTokens(async (file, open) => {
      const token = made(file, 'alice')
      const authenticator = open()
      const alice = await authenticator.authenticate(bearer(token))
      assert.equal(alice.name, 'alice')
      rmSync(file)
      await assert.rejects(authenticator.authenticate(bearer('hark_unknown')), { code: 'UNAUTHENTICATED' })
      assert.equal(authenticator.enabled, true)
      await assert.rejects(authenticator.authenticate(undefined), { code: 'UNAUTHENTICATED' })
      await assert.rejects(authenticator.authenticate(bearer(token)), { code: 'UNAUTHENTICATED' })
      assert.equal(alice.isValid(), false)
    }))

  it('accepts only the tokens of a file that is created again after it was deleted', () =>
    withTokens(async (file, open) => {
      const before = made(file, 'alice')
      const authenticator = open()
      rmSync(file)
      const after = made(file, 'bob')
      assert.equal((await authenticator.authenticate(bearer(after))).name, 'bob')
      await assert.rejects(authenticator.authenticate(bearer(before)), { code: 'UNAUTHENTICATED' })
    }))

  it('keeps the last tokens valid, and rejects others, while the file is invalid', () =>
    withTokens(async (file, open) => {
      const token = made(file, 'alice')
      const authenticator = open()
      writeFileSync(file, 'no tokens')
      await assert.rejects(authenticator.authenticate(bearer('hark_unknown')), { code: 'UNAUTHENTICATED' })
      await assert.rejects(authenticator.authenticate(undefined), { code: 'UNAUTHENTICATED' })
      assert.equal((await authenticator.authenticate(bearer(token))).name, 'alice')
    }))

  it('requires authentication once the file is created, also of anonymous principals admitted before', () =>
    withTokens(async (file, open) => {
      const authenticator = open()
      const anonymous = await authenticator.authenticate(undefined)
      assert.equal(anonymous.isValid(), true)
      made(file, 'alice')
      await eventually(() => !anonymous.isValid())
      await assert.rejects(authenticator.authenticate(undefined), { code: 'UNAUTHENTICATED' })
    }))
})
