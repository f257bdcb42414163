import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Request } from 'playwright-core'
import { AXE } from '../chromium.ts'
import { FAILED, type OpenConsole } from '../open-console.ts'
import { WEST } from '../story.ts'

export const placesTests = (shared: OpenConsole): void => {
  const { open, shows, momentAfter } = shared

  test('the network ties listeners and connectors', async () => {
    await open('/network')
    await shows('2 sites · 2 routers connected · 1 listener, 1 Ready · 1 connector')
    await shared.page.locator('.ties .tie').first().waitFor({ state: 'attached' })
    await shared.page.getByRole('list', { name: 'Legend' }).getByText('Ready').waitFor()
    await shared.page.getByRole('searchbox', { name: /Search by site/ }).fill('nothing')
    await shared.page.locator('.tie').first().waitFor({ state: 'detached' })
    await shows('Nothing matches the search.')
  })

  test('a tie has the colour of its status', async () => {
    await open('/network')
    await shared.page.locator('.ties .tie').first().waitFor({ state: 'attached' })
    const strokes = await shared.page.evaluate(`['Ready', 'Pending', 'Error', 'Unknown', 'NotObserved'].map(status => {
      const tie = document.querySelector('.tie')
      tie.dataset.status = status
      return getComputedStyle(tie).stroke
    })`)
    const [ready, ...others] = strokes as readonly string[]
    assert.ok(!others.includes(ready ?? ''), String(strokes))
  })

  test('the network leads to the page of a site', async () => {
    await open('/network')
    await shared.page
      .getByRole('list', { name: 'Listeners by site' })
      .getByRole('link', { name: `in ${WEST}` })
      .click()
    await shared.page.waitForURL(url => url.pathname === `/sites/${WEST}`)
    await shared.page.getByRole('heading', { name: 'Router', exact: true }).waitFor()
    assert.equal(await shared.page.title(), `Site of ${WEST} – Hark`)
  })

  test('events after the moment are set apart in lists, and left out of the latest ones', async () => {
    const { data } = await shared.story.hark.graphql(FAILED)
    const { position, time } = data.events.edges[0].node
    for (const path of ['/', `/listeners/${WEST}/backend`]) {
      await open(`${path}?at=${position}`)
      const later = shared.page.locator('.event-list [data-later]')
      await later.getByText('Socket opened by the router').first().waitFor()
      await shows('above the line: after the moment shown')
      const earlier = shared.page.locator('.event-list li[data-command]:not([data-later])')
      await earlier.getByText('Port moved from 9090 to 7070').waitFor()
    }
    await open(`/network?at=${position}`)
    const latest = shared.page.getByRole('region', { name: 'Latest events' })
    await latest.getByText('Latest events at that time').waitFor()
    await latest.locator('[aria-current]').waitFor()
    assert.equal(await latest.locator('time[title]').first().textContent(), time.slice(11, 23))
  })

  test('the page of a site shows its router, its links, what it has, and its history', async () => {
    await open('/sites')
    await shared.page
      .getByRole('row', { name: new RegExp(WEST) })
      .getByRole('link')
      .click()
    await shared.page.waitForURL(url => url.pathname === `/sites/${WEST}`)
    const main = shared.page.getByRole('main')
    await main.getByRole('row', { name: /^backend Ready backend 7070/ }).waitFor()
    await main
      .locator('.card', { hasText: 'amqp://' })
      .getByText(/since [\d-]+ [\d:.]+ UTC, still/)
      .waitFor()
    await main.getByRole('button', { name: /Router west connected.*Connected/ }).waitFor()
    assert.deepEqual(await shared.page.evaluate(AXE), [])
    await main.getByText('Reaches 1 connector at').waitFor()
  })

  test('a moment of the listeners is loaded in one request', async () => {
    const { page } = shared
    await open('/listeners')
    await page.getByRole('cell', { name: '7070' }).waitFor()
    const sent: string[] = []
    const onRequest = (request: Request): void => {
      const text = request.postData() ?? ''
      if (/isteners\(/.test(text)) sent.push(text)
    }
    page.on('request', onRequest)
    await page.keyboard.press('Home')
    await momentAfter(null)
    await shows('There are none at this moment')
    page.off('request', onRequest)
    assert.equal(sent.length, 1)
  })

  test('the audit fits its shared.page, and an entry can be read in full', async () => {
    await open('/audit')
    const table = shared.page.getByRole('region', { name: 'Audit entries' })
    await table.getByRole('cell', { name: 'port 9090 → 7070' }).waitFor()
    const [needed, shown] = (await shared.page.evaluate(
      "(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(document.querySelector('.table-scroll'))",
    )) as [number, number]
    assert.ok(needed <= shown, `${needed} of ${shown} pixels`)
    await table
      .getByRole('row', { name: /not opened by the router/ })
      .getByRole('button')
      .click()
    const entry = shared.page.getByRole('region', { name: 'Entry' })
    await entry.getByText('Another program was already listening on backend:7070').waitFor()
    await table
      .getByRole('row', { name: /not opened by the router/ })
      .locator('[aria-current]')
      .waitFor()
    await entry.getByRole('button', { name: 'Close' }).click()
    await shows('anonymous: a change while no authentication was configured')
  })

  test('the audit is exported as CSV', async () => {
    await open('/audit')
    await shared.page.getByRole('cell', { name: 'port 9090 → 7070' }).waitFor()
    const [download] = await Promise.all([
      shared.page.waitForEvent('download'),
      shared.page.getByRole('button', { name: 'CSV' }).click(),
    ])
    assert.equal(download.suggestedFilename(), 'hark-audit.csv')
  })
}
