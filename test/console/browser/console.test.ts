import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, BrowserContext, Page, Request, WebSocketRoute } from 'playwright-core'
import { eventually } from '../../support/eventually.ts'
import { AXE, buildConsole, launch, withoutChromium } from './chromium.ts'
import { EAST, Story, WEST } from './story.ts'

const PATIENCE_MS = 60_000
const PLACES = ['/', '/network', '/listeners', `/listeners/${WEST}/backend`, `/connectors/${EAST}/backend`, '/audit']
const CREATE = `mutation ($name: String!, $namespace: String! = "${WEST}") { createListener(input: { namespace: $namespace, name: $name,
  spec: { routingKey: $name, host: $name, port: 1234 } }) { position } }`
const CREATE_CONNECTOR = `mutation ($name: String!) { createConnector(input: { namespace: "${EAST}", name: $name,
  spec: { routingKey: $name, host: $name, port: 1234 } }) { position } }`
const APPLY = 'mutation ($manifests: [JSON!]!) { apply(input: { manifests: $manifests }) { results { action } } }'
const SITE = { apiVersion: 'skupper.io/v2alpha1', kind: 'Site', metadata: { name: 'live-site', namespace: 'live' } }
const FAILED = '{ events(types: ["ListenerFailedToOpen"]) { edges { node { position time } } } }'
const MOVED = `{ events(namespace: "${WEST}", types: ["PortUpdated"], first: 10) { edges { node { position time } } } }`

describe('the console', { skip: withoutChromium() }, () => {
  let story: Story
  let browser: Browser
  let context: BrowserContext
  let page: Page
  const problems: string[] = []
  const foreign: string[] = []

  const open = async (path: string): Promise<void> => {
    await page.goto(`${story.hark.url}${path}`)
    await page.getByRole('slider', { name: 'Moment shown' }).waitFor()
  }
  const shows = (text: string | RegExp): Promise<void> =>
    page.getByText(text).filter({ visible: true }).first().waitFor()
  /** The name in the heading comes from the address, before anything is loaded. */
  const isLoaded = (path: string): Promise<void> =>
    /^\/(listeners|connectors)\/./.test(path) ? page.getByRole('heading', { name: 'Spec' }).waitFor() : shows('backend')
  const momentWordsFit = async (): Promise<void> => {
    const [needed, shown] = (await page.evaluate(
      "(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(document.querySelector('.time-bar-moment'))",
    )) as [number, number]
    assert.ok(needed <= shown, `${needed} of ${shown} pixels`)
  }
  const moment = (): string | null => new URL(page.url()).searchParams.get('at')
  /** The page writes its address some time after it has changed. */
  const momentAfter = async (from: string | null): Promise<string | null> => {
    await page.waitForURL(url => url.searchParams.get('at') !== from)
    return moment()
  }
  const momentIs = (at: string | null): Promise<void> => page.waitForURL(url => url.searchParams.get('at') === at)

  before(async () => {
    buildConsole()
    ;[story, browser] = await Promise.all([Story.start(), launch()])
    await story.play()
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('pageerror', error => problems.push(error.message))
    page.on('console', message => {
      if (/Content.Security.Policy/i.test(message.text())) problems.push(message.text())
    })
    page.on('request', request => {
      if (!request.url().startsWith(story.hark.url)) foreign.push(request.url())
    })
  })

  after(async () => {
    await browser?.close()
    await story?.[Symbol.asyncDispose]()
  })

  test('the first page shows who moved the listener to a port that was taken, and when', async () => {
    await open('/')
    await page
      .getByRole('button', { name: new RegExp(`Listener backend in ${WEST} is Ready, not Ready for .*port 7070`) })
      .waitFor()
    await page
      .getByRole('button', { name: /Socket opened by the router.*Ready again/ })
      .first()
      .waitFor()
    const failure = page
      .getByRole('region', { name: 'Events' })
      .getByRole('button', { name: /Socket not opened by the router/ })
    const before = await failure.boundingBox()
    await failure.click()
    await page.locator('.event-log [aria-current]').filter({ hasText: 'Socket not opened by the router' }).waitFor()
    const panel = page.getByRole('complementary', { name: 'Listener backend' })
    await panel.getByText('Another program was already listening on backend:7070').waitFor()
    await panel.getByText(/Port moved from 9090 to 7070 by anonymous/).waitFor()
    await page.waitForURL(url => /^\d{16}$/.test(url.searchParams.get('at') ?? ''))
    await page.getByRole('button', { name: /Listener backend .* is Error/ }).waitFor()
    await eventually(async () => (await failure.boundingBox())?.y === before?.y)
  })

  test('keys alone step through events, and return to the present', async () => {
    await open('/')
    await page.keyboard.press('ArrowLeft')
    const last = await momentAfter(null)
    await page.keyboard.press('ArrowLeft')
    const earlier = await momentAfter(last)
    assert.match(earlier ?? '', /^\d{16}$/)
    assert.ok((earlier ?? '') < (last ?? ''))
    await page.keyboard.press('ArrowRight')
    await momentIs(last)
    await page.keyboard.press('Home')
    await momentAfter(last)
    await page.keyboard.press('l')
    await momentIs(null)
  })

  test('keys alone open a lane and its conditions', async () => {
    await open('/')
    await page.getByRole('button', { name: /Listener backend/ }).waitFor()
    await page.keyboard.press('Tab')
    await page.locator('.skip:focus').waitFor()
    await page.keyboard.press('Enter')
    await page.locator('main:focus').waitFor()
    await page.getByRole('link', { name: 'Skip to the time' }).focus()
    await page.keyboard.press('Enter')
    await page.locator('[role=slider]:focus').waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).getByText('Zoom in, out').waitFor()
    assert.deepEqual(await page.evaluate(AXE), [])
    await page.keyboard.press('Escape')
    await page.locator('[role=slider]:focus').waitFor()
    await page.getByRole('button', { name: 'Conditions of backend' }).first().focus()
    await page.keyboard.press('Enter')
    await shows('Configured')
    await page.getByRole('button', { name: /Listener backend/ }).focus()
    await page.keyboard.press('Enter')
    const panel = page.getByRole('complementary', { name: 'Listener backend' })
    await panel.and(page.locator(':focus')).waitFor()
    await panel.getByRole('button', { name: 'Close' }).focus()
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    await page
      .getByRole('button', { name: /Listener backend/ })
      .and(page.locator(':focus'))
      .waitFor()
  })

  test('a click on the time bar shows that time', async () => {
    await open('/')
    const box = await page.locator('.time-bar-chart').boundingBox()
    await page.mouse.click((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + 20)
    assert.match((await momentAfter(null)) ?? '', /^\d{4}-.*Z$/)
    await page.getByRole('button', { name: 'Live' }).click()
    await momentIs(null)
  })

  test('a second click at the same place of the events shows the same event', async () => {
    await open('/')
    const events = page.getByRole('region', { name: 'Events' })
    await events.getByRole('button', { name: /Ready again/ }).waitFor()
    const entry = events.getByRole('button', { name: /Port moved/ })
    const { x = 0, y = 0 } = (await entry.boundingBox()) ?? {}
    const place = [x + 200, y + 4] as const
    await page.mouse.click(...place)
    const first = await momentAfter(null)
    await page.getByRole('complementary').getByText('What it changed').waitFor()
    await eventually(() =>
      page.evaluate(([left, top]) => document.elementFromPoint(left, top)?.closest('[aria-current]') !== null, place),
    )
    await page.mouse.click(...place)
    // The address is written after the click.
    await page.getByLabel('Worst first').check()
    await page.waitForURL(url => url.searchParams.has('order'))
    assert.equal(moment(), first)
  })

  test('an event that is reached by steps is scrolled into view', async () => {
    await page.setViewportSize({ width: 1280, height: 500 })
    await open('/')
    await page.getByRole('region', { name: 'Events' }).getByRole('button').first().waitFor()
    await page.keyboard.press('Home')
    await momentAfter(null)
    await page.keyboard.press('ArrowRight')
    const isInView = `(() => {
      const [entry, log] = ['.event-log [aria-current]', '.event-log'].map(each => document.querySelector(each)?.getBoundingClientRect())
      return entry !== undefined && entry.top >= log.top && entry.bottom <= log.bottom
    })()`
    await eventually(() => page.evaluate(isInView) as Promise<boolean>)
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  test('a hint at the lanes of a listener is whole in the view', async () => {
    await open(`/listeners/${WEST}/backend`)
    await page
      .getByRole('button', { name: /Listener backend/ })
      .first()
      .waitFor()
    const { width: chartWidth = 0 } = (await page.locator('.lane-chart').boundingBox()) ?? {}
    await page
      .locator('.lane-chart > canvas')
      .first()
      .hover({ position: { x: chartWidth * 0.7, y: 18 } })
    const hint = page.locator('.hint:popover-open')
    await hint.waitFor()
    const { x = -1, y = -1, width = 0, height = 0 } = (await hint.boundingBox()) ?? {}
    assert.ok(x >= 0 && y >= 0 && x + width <= 1280 && y + height <= 800)
    await page.mouse.move(0, 0)
  })

  test('a link with a moment shows the past', async () => {
    const { data } = await story.hark.graphql(MOVED)
    const before = Number(data.events.edges[0].node.position) - 1
    await open(`/listeners?at=${before}`)
    await page.getByRole('cell', { name: '9090' }).waitFor()
    await page.getByRole('button', { name: 'Live' }).click()
    await page.getByRole('cell', { name: '7070' }).waitFor()
  })

  test('a table without rows at a moment has them again at the next one', async () => {
    await page.goto(`${story.hark.url}/listeners?at=1`)
    await shows('There are none at this moment')
    await page.keyboard.press('l')
    await page.getByRole('link', { name: 'backend', exact: true }).waitFor()
    await page.keyboard.press('ArrowLeft')
    await momentAfter(null)
    await page.getByRole('link', { name: 'backend', exact: true }).waitFor()
    assert.equal(await page.getByRole('alert').count(), 0)
  })

  test('a link with a position shows its time, or that no event has it yet', async () => {
    const { data } = await story.hark.graphql(MOVED)
    const { position, time } = data.events.edges[0].node
    await open(`/sites?at=${position}`)
    await shows(time.replace('T', ' ').slice(0, 19))
    await open('/sites?at=999999')
    await shows('Now: no event 999999 yet')
    await momentWordsFit()
  })

  test('every page states the moment that it shows, and returns to the present', async () => {
    const { data } = await story.hark.graphql(MOVED)
    const { position, time } = data.events.edges[0].node
    const words = `${time.replace('T', ' ').replace('Z', '')} UTC`
    for (const path of PLACES) {
      await open(`${path}?at=${position}`)
      await page.getByRole('banner').getByText(words).waitFor()
    }
    await page.getByRole('button', { name: 'Back to now' }).click()
    await momentIs(null)
    await shows(/^Now \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/)
    assert.equal(await page.getByRole('banner').getByText('As of').count(), 0)
  })

  test('a status of the past is shown with its beginning and its end', async () => {
    const { data } = await story.hark.graphql(FAILED)
    const { position, time } = data.events.edges[0].node
    await open(`/listeners/${WEST}/backend?at=${position}`)
    const main = page.getByRole('main')
    await main.locator('.page-head').getByText('at that time').waitFor()
    await main.getByText(new RegExp(`from [\\d-]+ ${time.slice(11, 23)} UTC until [\\d:.]+ \\(`)).waitFor()
    await main
      .getByText(new RegExp(`reported [\\d-]+ ${time.slice(11, 23)} UTC`))
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Back to now' }).click()
    await main.getByText(/since [\d-]+ [\d:.]+ UTC, still \(.* so far\)/).waitFor()
  })

  test('the wheel beyond the latest event zooms about that event', async () => {
    const { data } = await story.hark.graphql('{ events(last: 1) { edges { node { time } } } }')
    const last = Date.parse(data.events.edges[0].node.time)
    await open('/')
    const { width = 0 } = (await page.locator('.time-bar-chart').boundingBox()) ?? {}
    await page.locator('.time-bar-chart').hover({ position: { x: width - 10, y: 20 } })
    await page.mouse.wheel(0, -600)
    await page.waitForURL(({ searchParams }) => {
      const [from, to] = ['from', 'to'].map(name => Date.parse(searchParams.get(name) ?? ''))
      return from !== undefined && to !== undefined && from <= last && last <= to
    })
  })

  test('a link with a window shows the same part of the record', async () => {
    await open('/')
    await page.keyboard.press('+')
    await page.waitForURL(url => url.searchParams.has('from') && url.searchParams.has('to'))
    await page.getByRole('link', { name: 'Network' }).click()
    await page.waitForURL(url => url.pathname === '/network' && url.searchParams.has('from'))
    const address = page.url()
    const density = page.waitForRequest(request => request.postData()?.includes('eventDensity(from') ?? false)
    await page.goto(address)
    const { variables } = (await density).postDataJSON()
    assert.equal(variables.from.time, new URL(address).searchParams.get('from'))
    assert.equal(variables.to.time, new URL(address).searchParams.get('to'))
    await page.keyboard.press('0')
    await page.waitForURL(url => !url.searchParams.has('from'))
  })

  test('back and forward restore the window and the moment', async () => {
    const addressHas = (from: string | null, at: string | null): Promise<void> =>
      page.waitForURL(({ searchParams }) => searchParams.get('from') === from && searchParams.get('at') === at)
    const showsFrom = (time: string | null): Promise<Request> =>
      page.waitForRequest(
        request =>
          /eventDensity\(from/.test(request.postData() ?? '') && request.postDataJSON().variables.from.time === time,
      )
    const windowOf = (): string | null => new URL(page.url()).searchParams.get('from')
    await open('/')
    await page.keyboard.press('+')
    await page.waitForURL(url => url.searchParams.has('from'))
    const first = windowOf()
    await page.getByRole('link', { name: 'Network' }).click()
    await page.waitForURL(url => url.pathname === '/network')
    await page.keyboard.press('+')
    await page.waitForURL(url => url.searchParams.get('from') !== first)
    const zoomed = windowOf()
    await page.keyboard.press('ArrowLeft')
    const past = await momentAfter(null)
    const second = windowOf()
    assert.notEqual(second, first)
    await page.goBack()
    await page.getByText('Back to now').waitFor({ state: 'detached' })
    await addressHas(zoomed, null)
    assert.equal(new URL(page.url()).pathname, '/network')
    await Promise.all([showsFrom(first), page.goBack()])
    await addressHas(first, null)
    await Promise.all([showsFrom(zoomed), page.goForward()])
    await Promise.all([showsFrom(second), page.goForward()])
    await page.getByText('Back to now').waitFor()
    await addressHas(second, past)
  })

  test('a link with a time to come, or with no valid moment, shows the present and states that', async () => {
    await open('/listeners?at=2999-01-01T00:00:00Z')
    await shows('Now: that time is to come')
    await page.getByRole('cell', { name: '7070' }).waitFor()
    await page.getByRole('button', { name: 'Live', pressed: true }).waitFor()
    assert.equal(await page.getByText('2999').count(), 0)
    await open('/listeners?at=yesterday')
    await shows('Now: no valid moment in the address')
    await momentWordsFit()
    await page.getByRole('cell', { name: '7070' }).waitFor()
    await open('/?at=2999-01-01T00:00:00Z')
    await page.getByRole('button', { name: new RegExp(`Listener backend in ${WEST} is Ready`) }).waitFor()
  })

  test('a moment before the first event shows that nothing existed yet', async () => {
    // The slider is out of view.
    await page.goto(`${story.hark.url}/?at=2000-01-01T00:00:00Z`)
    await shows(/^Nothing existed yet; first event \d{4}-/)
    await page.getByRole('button', { name: new RegExp(`Listener backend in ${WEST} is Absent`) }).waitFor()
  })

  test('the label of a lane is of the present, though the window is of the past', async () => {
    const { data } = await story.hark.graphql(FAILED)
    const failed = Date.parse(data.events.edges[0].node.time)
    const [from, to] = [failed, failed + 6].map(time => new Date(time).toISOString())
    await page.goto(`${story.hark.url}/?from=${from}&to=${to}`)
    await page
      .getByRole('button', {
        name: new RegExp(`Listener backend in ${WEST} is Ready, not Ready for 6 ms in this window`),
      })
      .waitFor()
    await page.goto(`${story.hark.url}/listeners/${WEST}/backend?from=${from}&to=${to}`)
    await shows(/since [\d-]+ [\d:.]+ UTC, still \(.* so far\)/)
  })

  test('an event on the page of a listener has the status that it began, whatever window is shown', async () => {
    const events = page.getByRole('main').locator('.event-list')
    const { data } = await story.hark.graphql(FAILED)
    const failed = Date.parse(data.events.edges[0].node.time)
    const iso = (time: number): string => new Date(time).toISOString()
    for (const [from, to] of [
      [failed, failed + 6],
      [failed - 172_800_000, failed + 172_800_000],
    ] as const) {
      await page.goto(`${story.hark.url}/listeners/${WEST}/backend?from=${iso(from)}&to=${iso(to)}`)
      await events.getByRole('button', { name: /Port moved.*Pending/ }).waitFor()
      await events.getByRole('button', { name: /Socket not opened by the router.*Error/ }).waitFor()
    }
  })

  test('the table of lanes has the number of its rows, and renders those in view', async () => {
    await open('/')
    await page.getByLabel('Table', { exact: true }).check()
    const table = page.getByRole('region', { name: 'Lanes' }).getByRole('table')
    await table.getByRole('rowheader', { name: 'Listener backend' }).first().waitFor()
    await page.locator('.lane-table[aria-busy=false]').waitFor()
    const rows = await table.locator('tbody tr[aria-rowindex]').count()
    assert.equal(await table.getAttribute('aria-rowcount'), String(rows + 1))
    assert.equal(await table.locator('tbody tr').last().getAttribute('aria-rowindex'), String(rows + 1))
  })

  test('filters select events too, and are in the address', async () => {
    await open('/')
    const events = page.getByRole('region', { name: 'Events' }).locator('.event-entry')
    await events.filter({ hasText: `${WEST} router Router west connected` }).waitFor()
    await page.getByRole('button', { name: `Router ${WEST} in ${WEST} is Connected` }).waitFor()
    await page.getByRole('searchbox', { name: /^Name/ }).fill('backend')
    await events.filter({ hasText: 'Router west connected' }).waitFor({ state: 'detached' })
    await events.filter({ hasText: 'Port moved from 9090 to 7070' }).waitFor()
    await page.getByLabel('Worst first').check()
    await page.getByLabel('Table', { exact: true }).check()
    await page.waitForURL(url => url.search === '?name=backend&order=worst&view=table')
    await page.reload()
    await page.getByRole('rowheader', { name: 'Listener backend' }).first().waitFor()
    assert.ok(await page.getByLabel('Worst first').isChecked())
    assert.equal(await page.getByRole('searchbox', { name: /^Name/ }).inputValue(), 'backend')
  })

  test('a filter that selects no lane can be cleared', async () => {
    await open('/?name=nothing')
    await shows('No lane matches the filters')
    assert.ok(!(await page.locator('.lane-axis').isVisible()))
    await page.getByRole('button', { name: 'Clear the filters' }).click()
    await page.getByRole('button', { name: /Listener backend/ }).waitFor()
    await page.locator('.lane-axis').waitFor()
    await page.waitForURL(url => url.search === '')
    await page.goto(`${story.hark.url}/?name=[`)
    await page.locator('input[aria-invalid=true]').waitFor()
    assert.equal(await page.getByRole('searchbox', { name: /^Name/ }).inputValue(), '[')
  })

  test('the page of a listener finds the event that broke it', async () => {
    await open(`/listeners/${WEST}/backend`)
    await page.getByRole('button', { name: 'What broke it?' }).click()
    await shows('This event ended Ready')
    await shows('Port moved from 9090 to 7070')
    await shows('What it changed')
    await shows(/^Ready again after /)
    assert.equal(moment(), null)
    await page.getByRole('button', { name: 'Show this moment' }).click()
    await page.getByRole('cell', { name: '7070', exact: true }).first().waitFor()
    await shows('Another program was already listening on backend:7070')
    await shows('The page shows this moment.')
    const current = page.getByRole('main').locator('.card', { hasText: 'Latest event at that time' })
    await current.locator('.event-title', { hasText: 'Port moved from 9090 to 7070' }).waitFor()
    const numberOf = async (): Promise<number> =>
      Number((await current.getByText(/^Event \d+ of \d+$/).textContent())?.split(' ')[1])
    const found = await numberOf()
    await page.getByRole('main').getByRole('button', { name: 'Next event' }).click()
    await shows(`Event ${found + 1} of`)
    await shows('Show this moment')
  })

  test('the page of a connector shows what an event changed in its status', async () => {
    await open(`/connectors/${EAST}/backend`)
    await page.locator('.event-entry', { hasText: 'Accepted by the router' }).click()
    await page
      .getByRole('table', { name: 'Connector backend' })
      .getByRole('row', { name: /^Configured/ })
      .waitFor()
  })

  test('the events of a connector have the one that made it Ready', async () => {
    await open(`/connectors/${EAST}/backend`)
    await page
      .getByRole('main')
      .locator('.event-list')
      .getByRole('button', { name: /appeared on the network.*Ready/ })
      .waitFor()
  })

  test('the panel leads to what broke a listener', async () => {
    await open(`/?lane=Listener/${WEST}/backend`)
    await page.getByRole('complementary').getByRole('link', { name: 'What broke it?' }).click()
    await page.waitForURL(url => url.pathname === `/listeners/${WEST}/backend`)
    await shows('This event ended Ready')
  })

  test('the panel of a router shows the events of that router only', async () => {
    await open(`/?lane=Router/${WEST}/${WEST}`)
    const panel = page.getByRole('complementary', { name: `Router ${WEST}` })
    await panel.getByText(/^Event (\d+) of \1$/).waitFor()
    await panel.getByRole('button', { name: 'Event before' }).click()
    await panel.getByRole('button', { name: 'Now →' }).click()
    await momentIs(null)
    await page.locator('.time-bar [aria-pressed=true]').waitFor()
    await panel.getByText('Router west connected').waitFor()
    assert.equal(await panel.getByText('Socket opened').count(), 0)
  })

  test('the network ties listeners and connectors', async () => {
    await open('/network')
    await shows('2 sites · 2 routers connected · 1 listener, 1 Ready · 1 connector')
    await page.locator('.ties .tie').first().waitFor({ state: 'attached' })
    await page.getByRole('list', { name: 'Legend' }).getByText('Ready').waitFor()
    await page.getByRole('searchbox', { name: /Search by site/ }).fill('nothing')
    await page.locator('.tie').first().waitFor({ state: 'detached' })
  })

  test('events after the moment are set apart in lists, and left out of the latest ones', async () => {
    const { data } = await story.hark.graphql(FAILED)
    const { position, time } = data.events.edges[0].node
    for (const path of ['/', `/listeners/${WEST}/backend`]) {
      await open(`${path}?at=${position}`)
      const later = page.locator('.event-list [data-later]')
      await later.getByText('Socket opened by the router').first().waitFor()
      await shows('above the line: after the moment shown')
      const earlier = page.locator('.event-list li[data-command]:not([data-later])')
      await earlier.getByText('Port moved from 9090 to 7070').waitFor()
    }
    await open(`/network?at=${position}`)
    const latest = page.getByRole('region', { name: 'Latest events' })
    await latest.getByText('Latest events at that time').waitFor()
    await latest.locator('[aria-current]').waitFor()
    assert.equal(await latest.locator('time[title]').first().textContent(), time.slice(11, 23))
  })

  test('the audit fits its page, and an entry can be read in full', async () => {
    await open('/audit')
    const table = page.getByRole('region', { name: 'Audit entries' })
    await table.getByRole('cell', { name: 'port 9090 → 7070' }).waitFor()
    const [needed, shown] = (await page.evaluate(
      "(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(document.querySelector('.table-scroll'))",
    )) as [number, number]
    assert.ok(needed <= shown, `${needed} of ${shown} pixels`)
    await table
      .getByRole('row', { name: /not opened by the router/ })
      .getByRole('button')
      .click()
    const entry = page.getByRole('region', { name: 'Entry' })
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
    await page.getByRole('cell', { name: 'port 9090 → 7070' }).waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ])
    assert.equal(download.suggestedFilename(), 'hark-audit.csv')
  })

  // Dark colours differ in colours only, of which one page has all.
  for (const [scheme, places] of [
    ['light', PLACES],
    ['dark', ['/']],
  ] as const)
    test(`axe finds nothing in ${scheme} colours`, async () => {
      await page.emulateMedia({ colorScheme: scheme })
      for (const path of places) {
        await open(path)
        if (path === '/') {
          await page.getByRole('button', { name: /Listener backend/ }).click()
          await page.getByRole('complementary').getByText('What it changed').waitFor()
        }
        await isLoaded(path)
        assert.deepEqual(await page.evaluate(AXE), [], path)
      }
      if (scheme === 'light')
        for (const [path, heading] of [
          ['/sites', 'Sites'],
          ['/login', 'Sign in to Hark'],
        ] as const) {
          await open(path)
          await page.getByRole('heading', { name: heading }).waitFor()
          assert.deepEqual(await page.evaluate(AXE), [], path)
        }
      await page.emulateMedia({ colorScheme: 'light' })
    })

  test('nothing is wider than a page of 390 pixels', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    for (const path of PLACES) {
      await open(path)
      await isLoaded(path)
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390, path)
    }
    await open('/sites')
    await page.getByRole('cell', { name: 'reaches' }).first().waitFor()
    await open('/')
    await page.getByText('Filters', { exact: true }).click()
    await page.getByRole('combobox', { name: 'Status' }).waitFor()
    assert.deepEqual(await page.evaluate(AXE), [])
    await open('/audit')
    const table = page.getByRole('region', { name: 'Audit entries' })
    const details = table.getByText('backend:7070 in use by another program').first()
    await details.waitFor()
    const box = await details.boundingBox()
    assert.ok(box !== null && box.x + box.width <= 390, 'the details of an entry fit')
    await eventually(async () => {
      const place = await page.getByRole('link', { name: 'Audit' }).boundingBox()
      return place !== null && place.x + place.width <= 390
    })
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  test('changes appear without a reload, also after a restart of the engine', async () => {
    await open('/listeners')
    await page.getByRole('link', { name: 'backend', exact: true }).waitFor()
    await page.getByText('Connected', { exact: true }).waitFor()
    await story.hark.graphql(CREATE, { name: 'live' })
    await page.getByRole('link', { name: 'live', exact: true }).waitFor()
    await Promise.all([page.getByText('Connection lost').waitFor(), story.restart()])
    await page.getByText('Connected', { exact: true }).waitFor()
    await story.hark.graphql(CREATE, { name: 'later' })
    await page.getByRole('link', { name: 'later', exact: true }).waitFor()
  })

  test('connectors and sites appear without a reload', async () => {
    await open('/connectors')
    await page.getByRole('link', { name: 'backend', exact: true }).waitFor()
    await story.hark.graphql(CREATE_CONNECTOR, { name: 'live' })
    await page.getByRole('link', { name: 'live', exact: true }).waitFor()
    await open('/sites')
    await page.getByRole('cell', { name: 'Connected' }).first().waitFor()
    await story.hark.graphql(APPLY, { manifests: [SITE] })
    await page.getByRole('cell', { name: 'live-site' }).first().waitFor()
    await open('/')
    await page.locator('.event-entry', { hasText: 'live site Created' }).click()
    await page.getByRole('complementary', { name: 'Site live' }).getByText('Event 1 of 1').waitFor()
  })

  test('a namespace that is created later can be chosen without a reload', async () => {
    await open('/listeners')
    await page.getByText('Connected', { exact: true }).waitFor()
    await story.hark.graphql(CREATE, { name: 'first', namespace: 'created-later' })
    await page.getByRole('combobox', { name: 'Namespace' }).selectOption('created-later')
    await page.getByRole('link', { name: 'first', exact: true }).waitFor()
  })

  for (const path of ['/', `/listeners/${WEST}/backend`])
    test(`lanes at ${path} are loaded again when the connection is back`, async () => {
      const isLanes = (request: Request): boolean => request.postData()?.includes('statusLanes') ?? false
      const sockets: WebSocketRoute[] = []
      await page.routeWebSocket('**/graphql', socket => {
        socket.connectToServer()
        sockets.push(socket)
      })
      await page.route('**/graphql', route => (isLanes(route.request()) ? route.abort() : route.fallback()))
      await open(path)
      const failure = page.locator('.notice').filter({ hasText: 'does not respond' })
      await failure.waitFor()
      await page.getByText('Connected', { exact: true }).waitFor()
      await page.unroute('**/graphql')
      await sockets.at(-1)?.close()
      await page
        .getByRole('button', { name: /Listener backend/ })
        .first()
        .waitFor()
      await failure.waitFor({ state: 'detached' })
    })

  test('no request leaves the origin, and nothing breaks the policy of the page', () => {
    assert.deepEqual(foreign, [])
    assert.deepEqual(problems, [])
  })
})
