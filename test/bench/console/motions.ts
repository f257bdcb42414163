import assert from 'node:assert/strict'
import type { Browser, Page } from 'playwright-core'
import { RunningHark } from '../../support/running-hark.ts'
import type { Figure } from '../figure.ts'
import { boxOf, withPage } from './browser.ts'
import { probe } from './page-probe.ts'

const STEPS = 60
const STEP_PX = 1500
/** Of ten steps, six zoom in and four zoom out. */
const ZOOMS = [-60, -60, -60, -60, -60, -60, 80, 80, 80, 80]

/** Durations of tasks in milliseconds that blocked the page while it moved, and until it showed everything. */
const longTasks = async (page: Page, step: (index: number) => Promise<void>): Promise<number[]> => {
  await probe.longTasks(page)
  for (let index = 0; index < STEPS; index += 1) await step(index)
  await probe.quiet(page)
  return probe.longTasks(page)
}

const pointAt = async (page: Page, selector: string): Promise<void> => {
  const { x, y, width, height } = await boxOf(page, selector)
  await page.mouse.move(x + width / 2, y + Math.min(height / 2, 200))
}

/** Scrolls, and checks that the rows are shown at which it arrived. */
const scrolling = async (page: Page, scroller: string, row: string): Promise<number[]> => {
  await pointAt(page, scroller)
  const durations = await longTasks(page, () => page.mouse.wheel(0, STEP_PX))
  const element = page.locator(scroller)
  assert.equal(await element.evaluate(({ scrollTop }) => scrollTop), STEPS * STEP_PX)
  const { y, height } = await boxOf(page, scroller)
  const boxes = await page.locator(row).evaluateAll(rows => rows.map(each => each.getBoundingClientRect().toJSON()))
  const inView = boxes.filter(box => box.bottom > y && box.top < y + height)
  const covered = inView.reduce((sum, box) => sum + box.height, 0)
  assert.ok(covered >= height * 0.9, `rows cover ${covered} of ${height} pixels`)
  return durations
}

const scrollingTable = (browser: Browser, url: string): Promise<number[]> =>
  withPage(browser, `${url}/listeners`, async page => {
    assert.equal(await page.locator('table').getAttribute('aria-rowcount'), '10001')
    return scrolling(page, '.table-scroll', 'tbody tr[aria-rowindex]')
  })

const scrollingLanes = (browser: Browser, url: string): Promise<number[]> =>
  withPage(browser, `${url}/`, page => scrolling(page, '.lanes-scroll', '.lane-label'))

const windowOf = (page: Page): number => {
  const { searchParams } = new URL(page.url())
  return Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? '')
}

const zoomingLanes = (browser: Browser, url: string): Promise<number[]> =>
  withPage(browser, `${url}/`, async page => {
    await page.getByRole('form', { name: 'Lanes' }).getByLabel('Namespace').selectOption('bench-0')
    await probe.quiet(page)
    const { width } = await boxOf(page, '.lane-chart')
    await pointAt(page, '.lane-chart')
    await page.keyboard.down('Control')
    await page.mouse.wheel(0, -1)
    await probe.quiet(page)
    const before = windowOf(page)
    let latest: { readonly from: { readonly time: string }; readonly to: { readonly time: string } } | undefined
    page.on('request', request => {
      if (request.postData()?.includes('statusLanes')) latest = request.postDataJSON().variables
    })
    const durations = await longTasks(page, index => page.mouse.wheel(0, ZOOMS[index % ZOOMS.length] as number))
    await page.keyboard.up('Control')
    const after = windowOf(page)
    assert.ok(after < before / 5 && after > 0, `the window went from ${before} to ${after} ms in ${width} pixels`)
    assert.ok(latest !== undefined && Date.parse(latest.to.time) - Date.parse(latest.from.time) < after * 2)
    return durations
  })

const MOTIONS = [
  ['scrolling a table of 10,000 listeners', scrollingTable],
  ['scrolling lanes of 10,000 listeners', scrollingLanes],
  ['zooming lanes of 2,000 listeners, 1,000,000 events', zoomingLanes],
] as const

/** @param folder a data folder with 10,000 listeners, of which 2,000 in bench-0 have 1,000,000 events */
export const motionFigures = async (browser: Browser, folder: string): Promise<Figure[]> => {
  await using hark = await RunningHark.start(['--data', folder])
  await hark.ready()
  const figures: Figure[] = []
  for (const [motion, measure] of MOTIONS) {
    const durations = await measure(browser, hark.url)
    if (durations.length > 0) process.stderr.write(`${motion}: tasks of ${durations.map(Math.round).join(', ')} ms\n`)
    const name = `tasks over 50 ms while ${motion}`
    figures.push({ name, unit: '', value: durations.length, bar: { at: 'most', of: 0 } })
  }
  return figures
}
