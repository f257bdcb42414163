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

describe('a file of tokens', () => {
  it('that is deleted while Hark runs opens the door to nobody, and keeps out those whose tokens it had', () =>
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

  it('that is made anew after it was deleted holds what it has now', () =>
    withTokens(async (file, open) => {
      const before = made(file, 'alice')
      const authenticator = open()
      rmSync(file)
      const after = made(file, 'bob')
      assert.equal((await authenticator.authenticate(bearer(after))).name, 'bob')
      await assert.rejects(authenticator.authenticate(bearer(before)), { code: 'UNAUTHENTICATED' })
    }))

  it('that cannot be read any more leaves those that were read before, and lets nobody else in', () =>
    withTokens(async (file, open) => {
      const token = made(file, 'alice')
      const authenticator = open()
      writeFileSync(file, 'no tokens')
      await assert.rejects(authenticator.authenticate(bearer('hark_unknown')), { code: 'UNAUTHENTICATED' })
      await assert.rejects(authenticator.authenticate(undefined), { code: 'UNAUTHENTICATED' })
      assert.equal((await authenticator.authenticate(bearer(token))).name, 'alice')
    }))

  it('that is made while Hark runs closes the door, also behind those who came in before', () =>
    withTokens(async (file, open) => {
      const authenticator = open()
      const anybody = await authenticator.authenticate(undefined)
      assert.equal(anybody.isValid(), true)
      made(file, 'alice')
      await eventually(() => !anybody.isValid())
      await assert.rejects(authenticator.authenticate(undefined), { code: 'UNAUTHENTICATED' })
    }))
})
