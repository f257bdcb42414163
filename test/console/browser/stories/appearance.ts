import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../../support/eventually.ts'
import { AXE } from '../chromium.ts'
import { type OpenConsole, PLACES } from '../open-console.ts'

export const appearanceTests = (shared: OpenConsole): void => {
  const { open, isLoaded } = shared

  // Dark colours differ in colours only, of which one page has all.
  for (const [scheme, places] of [
    ['light', PLACES],
    ['dark', ['/']],
  ] as const)
    test(`axe finds nothing in ${scheme} colours`, async () => {
      await shared.page.emulateMedia({ colorScheme: scheme })
      for (const path of places) {
        await open(path)
        if (path === '/') {
          await shared.page.getByRole('button', { name: /Listener backend/ }).click()
          await shared.page.getByRole('complementary').getByText('What it changed').waitFor()
        }
        await isLoaded(path)
        assert.deepEqual(await shared.page.evaluate(AXE), [], path)
      }
      if (scheme === 'light')
        for (const [path, heading] of [
          ['/sites', 'Sites'],
          ['/login', 'Sign in to Hark'],
        ] as const) {
          await open(path)
          await shared.page.getByRole('heading', { name: heading }).waitFor()
          assert.deepEqual(await shared.page.evaluate(AXE), [], path)
        }
      await shared.page.emulateMedia({ colorScheme: 'light' })
    })

  test('nothing is wider than a page of 390 pixels', async () => {
    await shared.page.setViewportSize({ width: 390, height: 844 })
    for (const path of PLACES) {
      await open(path)
      await isLoaded(path)
      assert.equal(await shared.page.evaluate('document.documentElement.scrollWidth'), 390, path)
    }
    await open('/sites')
    await shared.page.getByRole('cell', { name: 'reaches' }).first().waitFor()
    await open('/')
    await shared.page.getByText('Filters', { exact: true }).click()
    await shared.page.getByRole('combobox', { name: 'Status' }).waitFor()
    assert.deepEqual(await shared.page.evaluate(AXE), [])
    await shared.page.getByRole('checkbox', { name: 'Lanes' }).uncheck()
    await shared.page.locator('.lanes-scroll').waitFor({ state: 'hidden' })
    await shared.page.waitForURL(url => url.searchParams.get('view') === 'events')
    await open('/audit')
    const table = shared.page.getByRole('region', { name: 'Audit entries' })
    const details = table.getByText('backend:7070 in use by another program').first()
    await details.waitFor()
    const box = await details.boundingBox()
    assert.ok(box !== null && box.x + box.width <= 390, 'the details of an entry fit')
    await eventually(async () => {
      const place = await shared.page.getByRole('link', { name: 'Audit' }).boundingBox()
      return place !== null && place.x + place.width <= 390
    })
    await shared.page.setViewportSize({ width: 1280, height: 800 })
  })
}
