import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { BundleFolder } from '../../src/controller/certificates/bundle-folder.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')
const FIT = { 'ca.crt': pem('ca.crt'), 'tls.crt': pem('router.crt'), 'tls.key': pem('router.key') }
const { validToDate: END, validFromDate: BEGIN } = new X509Certificate(FIT['tls.crt'])
const DAY = 24 * 60 * 60 * 1000

const withBundle = async (
  files: Readonly<Record<string, string>>,
  work: (folder: BundleFolder, path: string) => Promise<void> | void,
  now = Date.now(),
): Promise<void> => {
  await using scratch = await scratchFolder()
  const path = join(scratch.path, 'backend')
  await mkdir(path)
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text)
  await work(new BundleFolder(scratch.path, () => now), path)
}

describe('Bundle', () => {
  it('is fit with a certificate, its key and authorities', () =>
    withBundle(FIT, folder => {
      for (const use of ['whole', 'authorities'] as const) assert.equal(folder.warning('backend', use), undefined)
    }))

  it('is fit with authorities alone for a connector without a client certificate only', () =>
    withBundle({ 'ca.crt': FIT['ca.crt'] }, (folder, path) => {
      assert.equal(folder.fault('backend', 'authorities'), undefined)
      assert.equal(
        folder.fault('backend', 'whole'),
        `TLS credentials backend: tls.crt is missing in ${path}; tls.key is missing in ${path}`,
      )
    }))

  it('needs no authorities for a listener, but no unfit ones', async () => {
    const { 'ca.crt': _, ...pair } = FIT
    await withBundle(pair, folder => {
      assert.equal(folder.fault('backend', 'certificate'), undefined)
      assert.equal(folder.isWithoutAuthorities('backend'), true)
      assert.equal(folder.isWithoutAuthorities('another'), false)
    })
    await withBundle({ ...pair, 'ca.crt': 'garbage' }, folder => {
      assert.match(folder.fault('backend', 'certificate') ?? '', /ca\.crt holds no certificate/)
      assert.equal(folder.isWithoutAuthorities('backend'), false)
    })
  })

  for (const [what, files, words] of [
    ['no key', { 'ca.crt': FIT['ca.crt'], 'tls.crt': FIT['tls.crt'] }, 'tls.key is missing'],
    ['the key of another', { ...FIT, 'tls.key': pem('hark.key') }, 'tls.key is not the key of tls.crt'],
    ['an invalid key', { ...FIT, 'tls.key': 'garbage' }, 'tls.key holds no key that can be read'],
    ['an invalid certificate', { ...FIT, 'tls.crt': 'garbage' }, 'tls.crt holds no certificate'],
    ['empty authorities', { ...FIT, 'ca.crt': '' }, 'ca.crt holds no certificate'],
    ['no authorities', { 'tls.crt': FIT['tls.crt'], 'tls.key': FIT['tls.key'] }, 'ca.crt is missing'],
  ] as const) {
    it(`is unfit with ${what}`, () =>
      withBundle(files, (folder, path) =>
        assert.equal(folder.fault('backend', 'whole'), `TLS credentials backend: ${words} in ${path}`),
      ))
  }

  it('is unfit before and after its validity, with a warning in the last seven days', async () => {
    const message = async (now: number, which: 'fault' | 'warning') => {
      let words: string | undefined
      await withBundle(
        FIT,
        folder => {
          words = folder[which]('backend', 'whole')
        },
        now,
      )
      return words ?? 'nothing'
    }
    assert.match(await message(END.getTime() + 1, 'fault'), /tls\.crt has expired, on /)
    assert.match(await message(BEGIN.getTime() - 1, 'fault'), /tls\.crt is not valid before /)
    assert.equal(await message(END.getTime() - 8 * DAY, 'warning'), 'nothing')
    assert.match(await message(END.getTime() - 6 * DAY, 'warning'), /tls\.crt expires on /)
    assert.equal(await message(END.getTime() - 6 * DAY, 'fault'), 'nothing')
  })

  it('is read again after a file was changed, added or removed', () =>
    withBundle({ ...FIT, 'tls.key': 'garbage' }, async (folder, path) => {
      assert.notEqual(folder.fault('backend', 'whole'), undefined)
      await writeFile(join(path, 'tls.key'), FIT['tls.key'])
      assert.equal(folder.fault('backend', 'whole'), undefined)
      await rm(join(path, 'ca.crt'))
      assert.match(folder.fault('backend', 'whole') ?? '', /ca\.crt is missing/)
    }))

  it('has no fault if its folder cannot be seen', () => {
    const folder = new BundleFolder('/nowhere/at/all')
    assert.equal(folder.fault('backend', 'whole'), undefined)
    assert.equal(folder.revision('backend'), undefined)
  })
})
