import assert from 'node:assert/strict'
import type { Browser, Page } from 'playwright-core'
import type { GraphQLResult } from '../../support/process/http-hark.ts'
import { RunningHark } from '../../support/running-hark.ts'
import type { Figure } from '../figure.ts'
import { percentile } from '../scratch.ts'
import { boxOf, withPage } from './browser.ts'
import type { Span } from './overviews.ts'
import { probe } from './page-probe.ts'

const MOMENTS = 40
const WARM_UP = 5
const LOADS = 5
const PIXEL = 1

type Past = (query: string) => Promise<GraphQLResult['data']>

const queryAt =
  (hark: RunningHark, time: string): Past =>
  async query => {
    const { data, errors } = await hark.graphql(`query ($at: Moment!) ${query}`, { at: { time } })
    assert.equal(errors, undefined)
    return data
  }

const STATUSES =
  '{ listeners(at: $at, first: 1000) { edges { node { metadata { namespace name } status { status } } } } }'

const statusesAt = async (past: Past): Promise<ReadonlyMap<string, string>> => {
  const { listeners } = await past(STATUSES)
  const edges: readonly {
    readonly node: { readonly metadata: { name: string }; readonly status: { status: string } }
  }[] = listeners.edges
  return new Map(edges.map(({ node }) => [node.metadata.name, node.status.status]))
}

/** Names and statuses in rows, as the page shows them. */
const shownStatuses = (page: Page, row: string, name: string): Promise<readonly (readonly [string, string])[]> =>
  page
    .locator(row)
    .evaluateAll(
      (rows, selector) =>
        rows.map(each => [
          (each.querySelector(selector)?.textContent ?? '').match(/listener-\d+|router/)?.[0] ?? '',
          each.querySelector('.status')?.getAttribute('data-status') ?? '',
        ]) as [string, string][],
      name,
    )

const assertStatuses = async (page: Page, past: Past, row: string, name: string): Promise<void> => {
  const shown = (await shownStatuses(page, row, name)).filter(([listener]) => listener !== 'router')
  const expected = await statusesAt(past)
  assert.ok(shown.length >= 10, `${shown.length} rows`)
  for (const [listener, status] of shown) assert.equal(status, expected.get(listener), listener)
}

const PAGES: readonly {
  readonly path: string
  readonly name: string
  readonly check: (page: Page, past: Past) => Promise<void>
}[] = [
  {
    path: '/',
    name: 'timeline',
    check: async (page, past) => {
      await assertStatuses(page, past, '.lane-label', '.lane-name')
      const { events } = await past('{ events(to: $at, last: 1) { edges { node { time } } } }')
      const shown = page.locator('.event-list [aria-current=true] time')
      assert.equal(await shown.getAttribute('datetime'), events.edges[0].node.time)
    },
  },
  {
    path: '/listeners',
    name: 'listeners',
    check: (page, past) => assertStatuses(page, past, 'tbody tr[aria-rowindex]', 'a'),
  },
  {
    path: '/network',
    name: 'network',
    check: async (page, past) => {
      const failing = [...(await statusesAt(past)).values()].filter(status => status !== 'Ready').length
      const [shown] = /\d+/.exec((await page.locator('.failing').textContent()) ?? '') ?? []
      assert.equal(Number(shown), failing)
    },
  },
]

/** Clicks on the bar in an order that visits each part of the log. */
const momentsOn = (browser: Browser, hark: RunningHark, { from, to }: Span, index: number): Promise<number[]> => {
  const { path, check } = PAGES[index] as (typeof PAGES)[number]
  const window = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString() })
  return withPage(browser, `${hark.url}${path}?${window}`, async page => {
    const { x, y, width } = await boxOf(page, '.time-bar-chart')
    const times: number[] = []
    for (let look = 0; look < MOMENTS; look += 1) {
      const offset = Math.round(width * (0.02 + (0.94 * ((look * 17) % MOMENTS)) / MOMENTS))
      await probe.afterTick(page)
      await page.mouse.click(x + offset, y + 20)
      const took = await probe.tookSincePress(page)
      const at = new URL(page.url()).searchParams.get('at') ?? ''
      const pixels = ((Date.parse(at) - from) / (to - from)) * width - offset
      assert.ok(Math.abs(pixels) <= PIXEL, `the page shows ${at}, ${pixels} pixels from the press`)
      assert.equal(await page.locator('.time-bar-moment').textContent(), `${at.slice(0, 10)} ${at.slice(11, 23)} UTC`)
      await check(page, queryAt(hark, at))
      if (look >= WARM_UP) times.push(took)
    }
    return times
  })
}

const firstTable = async (browser: Browser, { url }: RunningHark): Promise<Figure> => {
  const times: number[] = []
  for (let load = 0; load < LOADS; load += 1)
    times.push(
      await withPage(browser, `${url}/listeners`, async page => {
        const took = await probe.tookSinceNavigation(page)
        assert.equal(await page.locator('table[aria-rowcount="1001"][aria-busy="false"]').count(), 1)
        return took
      }),
    )
  const name = 'first table with 1,000 listeners, cold, loopback'
  return { name, unit: 'ms', value: percentile(times, 0.5), bar: { at: 'most', of: 1000 } }
}

/** @param folder a data folder with 1,000,000 events of 1,000 listeners in a span of time */
export const momentFigures = async (browser: Browser, folder: string, span: Span): Promise<Figure[]> => {
  await using hark = await RunningHark.start(['--data', folder])
  await hark.ready()
  const figures: Figure[] = []
  for (const [index, { name }] of PAGES.entries()) {
    const times = await momentsOn(browser, hark, span, index)
    figures.push({
      name: `a moment set by the bar to everything shown, ${name}, p95, 1,000 listeners, 1,000,000 events`,
      unit: 'ms',
      value: percentile(times, 0.95),
      bar: { at: 'most', of: 150 },
    })
    process.stderr.write(
      `${name}: ${times
        .map(Math.round)
        .sort((a, b) => a - b)
        .join(' ')}\n`,
    )
  }
  return [...figures, await firstTable(browser, hark)]
}
