import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../../support/eventually.ts'
import { AXE } from '../chromium.ts'
import type { OpenConsole } from '../open-console.ts'
import { WEST } from '../story.ts'

export const timelineTests = (shared: OpenConsole): void => {
  const { open, shows, moment, momentAfter, momentIs } = shared

  test('the first page shows who moved the listener to a port that was taken, and when', async () => {
    await open('/')
    await shared.page
      .getByRole('button', { name: new RegExp(`Listener backend in ${WEST} is Ready, not Ready for .*port 7070`) })
      .waitFor()
    await shared.page
      .getByRole('button', { name: /Socket opened by the router.*Ready/ })
      .first()
      .waitFor()
    const failure = shared.page
      .getByRole('region', { name: 'Events' })
      .getByRole('button', { name: /Socket not opened by the router/ })
    const before = await failure.boundingBox()
    await failure.click()
    await shared.page
      .locator('.event-log [aria-current]')
      .filter({ hasText: 'Socket not opened by the router' })
      .waitFor()
    const panel = shared.page.getByRole('complementary', { name: 'Listener backend' })
    await panel.getByText('Another program was already listening on backend:7070').waitFor()
    await panel.getByText(/Port moved from 9090 to 7070 by anonymous/).waitFor()
    await shared.page.waitForURL(url => /^\d{16}$/.test(url.searchParams.get('at') ?? ''))
    await shared.page.getByRole('button', { name: /Listener backend .* is Error/ }).waitFor()
    await eventually(async () => (await failure.boundingBox())?.y === before?.y)
  })

  test('keys alone step through events, and return to the present', async () => {
    await open('/')
    await shared.page.keyboard.press('ArrowLeft')
    const last = await momentAfter(null)
    await shared.page.keyboard.press('ArrowLeft')
    const earlier = await momentAfter(last)
    assert.match(earlier ?? '', /^\d{16}$/)
    assert.ok((earlier ?? '') < (last ?? ''))
    await shared.page.keyboard.press('ArrowRight')
    await momentIs(last)
    await shared.page.keyboard.press('Home')
    await momentAfter(last)
    await shared.page.keyboard.press('l')
    await momentIs(null)
  })

  test('keys alone open a lane and its conditions', async () => {
    await open('/')
    await shared.page.getByRole('button', { name: /Listener backend/ }).waitFor()
    await shared.page.keyboard.press('Tab')
    await shared.page.locator('.skip:focus').waitFor()
    await shared.page.keyboard.press('Enter')
    await shared.page.locator('main:focus').waitFor()
    await shared.page.getByRole('link', { name: 'Skip to the time' }).focus()
    await shared.page.keyboard.press('Enter')
    await shared.page.locator('[role=slider]:focus').waitFor()
    await shared.page.keyboard.press('?')
    await shared.page.getByRole('dialog', { name: 'Keys' }).getByText('Zoom in, out').waitFor()
    assert.deepEqual(await shared.page.evaluate(AXE), [])
    await shared.page.keyboard.press('Escape')
    await shared.page.locator('[role=slider]:focus').waitFor()
    await shared.page.getByRole('button', { name: 'Conditions of backend' }).first().focus()
    await shared.page.keyboard.press('Enter')
    await shows('Configured')
    await shared.page.getByRole('button', { name: /Listener backend/ }).focus()
    await shared.page.keyboard.press('Enter')
    const panel = shared.page.getByRole('complementary', { name: 'Listener backend' })
    await panel.and(shared.page.locator(':focus')).waitFor()
    await panel.getByRole('button', { name: 'Close' }).focus()
    await shared.page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    await shared.page
      .getByRole('button', { name: /Listener backend/ })
      .and(shared.page.locator(':focus'))
      .waitFor()
  })

  test('a click on the time bar shows that time', async () => {
    await open('/')
    const box = await shared.page.locator('.time-bar-chart').boundingBox()
    await shared.page.mouse.click((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + 20)
    assert.match((await momentAfter(null)) ?? '', /^\d{4}-.*Z$/)
    await shared.page.getByRole('button', { name: 'Live' }).click()
    await momentIs(null)
  })

  test('a second click at the same place of the events shows the same event', async () => {
    await open('/')
    const events = shared.page.getByRole('region', { name: 'Events' })
    await events
      .getByRole('button', { name: /Socket opened by the router.*Ready/ })
      .first()
      .waitFor()
    const entry = events.getByRole('button', { name: /Port moved/ })
    const { x = 0, y = 0 } = (await entry.boundingBox()) ?? {}
    const place = [x + 200, y + 4] as const
    await shared.page.mouse.click(...place)
    const first = await momentAfter(null)
    await shared.page.getByRole('complementary').getByText('What it changed').waitFor()
    await eventually(() =>
      shared.page.evaluate(
        ([left, top]) => document.elementFromPoint(left, top)?.closest('[aria-current]') !== null,
        place,
      ),
    )
    await shared.page.mouse.click(...place)
    // The address is written after the click.
    await shared.page.getByLabel('Worst first').check()
    await shared.page.waitForURL(url => url.searchParams.has('order'))
    assert.equal(moment(), first)
  })

  test('an event that is reached by steps is scrolled into view', async () => {
    await shared.page.setViewportSize({ width: 1280, height: 500 })
    await open('/')
    await shared.page.getByRole('region', { name: 'Events' }).getByRole('button').first().waitFor()
    await shared.page.keyboard.press('Home')
    await momentAfter(null)
    await shared.page.keyboard.press('ArrowRight')
    const isInView = `(() => {
      const [entry, log] = ['.event-log [aria-current]', '.event-log'].map(each => document.querySelector(each)?.getBoundingClientRect())
      return entry !== undefined && entry.top >= log.top && entry.bottom <= log.bottom
    })()`
    await eventually(() => shared.page.evaluate(isInView) as Promise<boolean>)
    await shared.page.setViewportSize({ width: 1280, height: 800 })
  })

  test('an event has the status that began with it, however coarse the lanes are', async () => {
    await open('/?from=2000-01-01T00:00:00.000Z&to=2100-01-01T00:00:00.000Z')
    const events = shared.page.getByRole('region', { name: 'Events' })
    await events.getByRole('button', { name: /Socket not opened by the router.*Error/ }).waitFor()
    await events.getByRole('button', { name: /Router west connected.*Connected/ }).waitFor()
  })

  test('a hint at the lanes of a listener is whole in the view', async () => {
    await open(`/listeners/${WEST}/backend`)
    await shared.page
      .getByRole('button', { name: /Listener backend/ })
      .first()
      .waitFor()
    const { width: chartWidth = 0 } = (await shared.page.locator('.lane-chart').boundingBox()) ?? {}
    await shared.page
      .locator('.lane-chart > canvas')
      .first()
      .hover({ position: { x: chartWidth * 0.7, y: 18 } })
    const hint = shared.page.locator('.hint:popover-open')
    await hint.waitFor()
    const { x = -1, y = -1, width = 0, height = 0 } = (await hint.boundingBox()) ?? {}
    assert.ok(x >= 0 && y >= 0 && x + width <= 1280 && y + height <= 800)
    await shared.page.mouse.move(0, 0)
  })

  test('the wheel beyond the latest event zooms about that event', async () => {
    const { data } = await shared.story.hark.graphql('{ events(last: 1) { edges { node { time } } } }')
    const last = Date.parse(data.events.edges[0].node.time)
    await open('/')
    const { width = 0 } = (await shared.page.locator('.time-bar-chart').boundingBox()) ?? {}
    await shared.page.locator('.time-bar-chart').hover({ position: { x: width - 10, y: 20 } })
    await shared.page.mouse.wheel(0, -600)
    await shared.page.waitForURL(({ searchParams }) => {
      const [from, to] = ['from', 'to'].map(name => Date.parse(searchParams.get(name) ?? ''))
      return from !== undefined && to !== undefined && from <= last && last <= to
    })
  })

  test('the table of lanes has the number of its rows, and renders those in view', async () => {
    await open('/')
    await shared.page.getByLabel('Table', { exact: true }).check()
    const table = shared.page.getByRole('region', { name: 'Lanes' }).getByRole('table')
    await table.getByRole('rowheader', { name: 'Listener backend' }).first().waitFor()
    await shared.page.locator('.lane-table[aria-busy=false]').waitFor()
    const rows = await table.locator('tbody tr[aria-rowindex]').count()
    assert.equal(await table.getAttribute('aria-rowcount'), String(rows + 1))
    assert.equal(await table.locator('tbody tr').last().getAttribute('aria-rowindex'), String(rows + 1))
  })

  test('filters select events too, and are in the address', async () => {
    await open('/')
    const events = shared.page.getByRole('region', { name: 'Events' }).locator('.event-entry')
    await events.filter({ hasText: `${WEST} router Router west connected` }).waitFor()
    await shared.page.getByRole('button', { name: `Router ${WEST} in ${WEST} is Connected` }).waitFor()
    await shared.page.getByRole('searchbox', { name: /^Name/ }).fill('backend')
    await events.filter({ hasText: 'Router west connected' }).waitFor({ state: 'detached' })
    await events.filter({ hasText: 'Port moved from 9090 to 7070' }).waitFor()
    await shared.page.getByLabel('Worst first').check()
    await shared.page.getByLabel('Table', { exact: true }).check()
    await shared.page.waitForURL(url => url.search === '?name=backend&order=worst&view=table')
    await shared.page.reload()
    await shared.page.getByRole('rowheader', { name: 'Listener backend' }).first().waitFor()
    assert.ok(await shared.page.getByLabel('Worst first').isChecked())
    assert.equal(await shared.page.getByRole('searchbox', { name: /^Name/ }).inputValue(), 'backend')
  })

  test('a filter that selects no lane can be cleared', async () => {
    await open('/?name=nothing')
    await shows('No lane matches the filters')
    assert.ok(!(await shared.page.locator('.lane-axis').isVisible()))
    await shared.page.getByRole('button', { name: 'Clear the filters' }).click()
    await shared.page.getByRole('button', { name: /Listener backend/ }).waitFor()
    await shared.page.locator('.lane-axis').waitFor()
    await shared.page.waitForURL(url => url.search === '')
    await shared.page.goto(`${shared.story.hark.url}/?name=[`)
    await shared.page.locator('input[aria-invalid=true]').waitFor()
    assert.equal(await shared.page.getByRole('searchbox', { name: /^Name/ }).inputValue(), '[')
  })
}
