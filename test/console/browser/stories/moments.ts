import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Request } from 'playwright-core'
import { FAILED, type OpenConsole, PLACES } from '../open-console.ts'
import { WEST } from '../story.ts'

const MOVED = `{ events(namespace: "${WEST}", types: ["PortUpdated"], first: 10) { edges { node { position time } } } }`

export const momentsTests = (shared: OpenConsole): void => {
  const { open, shows, momentWordsFit, momentAfter, momentIs } = shared

  test('a link with a moment shows the past', async () => {
    const { data } = await shared.story.hark.graphql(MOVED)
    const before = Number(data.events.edges[0].node.position) - 1
    await open(`/listeners?at=${before}`)
    await shared.page.getByRole('cell', { name: '9090' }).waitFor()
    await shared.page.getByRole('button', { name: 'Live' }).click()
    await shared.page.getByRole('cell', { name: '7070' }).waitFor()
  })

  test('a table without rows at a moment has them again at the next one', async () => {
    await shared.page.goto(`${shared.story.hark.url}/listeners?at=1`)
    await shows('There are none at this moment')
    await shared.page.keyboard.press('l')
    await shared.page.getByRole('link', { name: 'backend', exact: true }).waitFor()
    await shared.page.keyboard.press('ArrowLeft')
    await momentAfter(null)
    await shared.page.getByRole('link', { name: 'backend', exact: true }).waitFor()
    assert.equal(await shared.page.getByRole('alert').count(), 0)
  })

  test('a link with a position shows its time, or that no event has it yet', async () => {
    const { data } = await shared.story.hark.graphql(MOVED)
    const { position, time } = data.events.edges[0].node
    await open(`/sites?at=${position}`)
    await shows(time.replace('T', ' ').slice(0, 19))
    await open('/sites?at=999999')
    await shows('Now: no event 999999 yet')
    await momentWordsFit()
  })

  test('every page states the moment that it shows, and returns to the present', async () => {
    const { data } = await shared.story.hark.graphql(MOVED)
    const { position, time } = data.events.edges[0].node
    const words = `${time.replace('T', ' ').replace('Z', '')} UTC`
    for (const path of PLACES) {
      await open(`${path}?at=${position}`)
      await shared.page.getByRole('banner').getByText(words).waitFor()
    }
    await shared.page.getByRole('button', { name: 'Back to now' }).click()
    await momentIs(null)
    await shows(/^Now \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/)
    assert.equal(await shared.page.getByRole('banner').getByText('As of').count(), 0)
  })

  test('a status of the past is shown with its beginning and its end', async () => {
    const { data } = await shared.story.hark.graphql(FAILED)
    const { position, time } = data.events.edges[0].node
    await open(`/listeners/${WEST}/backend?at=${position}`)
    const main = shared.page.getByRole('main')
    await main.locator('.page-head').getByText('at that time').waitFor()
    await main.getByText(new RegExp(`from [\\d-]+ ${time.slice(11, 23)} UTC until [\\d:.]+ \\(`)).waitFor()
    await main
      .getByText(new RegExp(`reported [\\d-]+ ${time.slice(11, 23)} UTC`))
      .first()
      .waitFor()
    await shared.page.getByRole('button', { name: 'Back to now' }).click()
    await main.getByText(/since [\d-]+ [\d:.]+ UTC, still \(.* so far\)/).waitFor()
  })

  test('a link with a window shows the same part of the record', async () => {
    await open('/')
    await shared.page.keyboard.press('+')
    await shared.page.waitForURL(url => url.searchParams.has('from') && url.searchParams.has('to'))
    await shared.page.getByRole('link', { name: 'Network' }).click()
    await shared.page.waitForURL(url => url.pathname === '/network' && url.searchParams.has('from'))
    const address = shared.page.url()
    const density = shared.page.waitForRequest(request => request.postData()?.includes('eventDensity(from') ?? false)
    await shared.page.goto(address)
    const { variables } = (await density).postDataJSON()
    assert.equal(variables.from.time, new URL(address).searchParams.get('from'))
    assert.equal(variables.to.time, new URL(address).searchParams.get('to'))
    await shared.page.keyboard.press('0')
    await shared.page.waitForURL(url => !url.searchParams.has('from'))
  })

  test('back and forward restore the window and the moment', async () => {
    const addressHas = (from: string | null, at: string | null): Promise<void> =>
      shared.page.waitForURL(({ searchParams }) => searchParams.get('from') === from && searchParams.get('at') === at)
    const showsFrom = (time: string | null): Promise<Request> =>
      shared.page.waitForRequest(
        request =>
          /eventDensity\(from/.test(request.postData() ?? '') && request.postDataJSON().variables.from.time === time,
      )
    const windowOf = (): string | null => new URL(shared.page.url()).searchParams.get('from')
    await open('/')
    await shared.page.keyboard.press('+')
    await shared.page.waitForURL(url => url.searchParams.has('from'))
    const first = windowOf()
    await shared.page.getByRole('link', { name: 'Network' }).click()
    await shared.page.waitForURL(url => url.pathname === '/network')
    await shared.page.keyboard.press('+')
    await shared.page.waitForURL(url => url.searchParams.get('from') !== first)
    const zoomed = windowOf()
    await shared.page.keyboard.press('ArrowLeft')
    const past = await momentAfter(null)
    const second = windowOf()
    assert.notEqual(second, first)
    await shared.page.goBack()
    await shared.page.getByText('Back to now').waitFor({ state: 'detached' })
    await addressHas(zoomed, null)
    assert.equal(new URL(shared.page.url()).pathname, '/network')
    await Promise.all([showsFrom(first), shared.page.goBack()])
    await addressHas(first, null)
    await Promise.all([showsFrom(zoomed), shared.page.goForward()])
    await Promise.all([showsFrom(second), shared.page.goForward()])
    await shared.page.getByText('Back to now').waitFor()
    await addressHas(second, past)
  })

  test('a link with a time to come, or with no valid moment, shows the present and states that', async () => {
    await open('/listeners?at=2999-01-01T00:00:00Z')
    await shows('Now: that time is to come')
    await shared.page.getByRole('cell', { name: '7070' }).waitFor()
    await shared.page.getByRole('button', { name: 'Live', pressed: true }).waitFor()
    await shared.page.waitForURL(url => url.search === '')
    await shows('Now: that time is to come')
    assert.equal(await shared.page.getByText('2999').count(), 0)
    await open('/listeners?at=yesterday')
    await shows('Now: no valid moment in the address')
    await shared.page.waitForURL(url => url.search === '')
    await momentWordsFit()
    await shared.page.getByRole('cell', { name: '7070' }).waitFor()
    await open('/?at=2999-01-01T00:00:00Z')
    await shared.page.getByRole('button', { name: new RegExp(`Listener backend in ${WEST} is Ready`) }).waitFor()
  })

  test('a moment before the first event shows that nothing existed yet', async () => {
    // The slider is out of view.
    await shared.page.goto(`${shared.story.hark.url}/?at=2000-01-01T00:00:00Z`)
    await shows(/^Nothing existed yet; first event \d{4}-/)
    await shared.page.getByRole('button', { name: new RegExp(`Listener backend in ${WEST} is Absent`) }).waitFor()
  })

  test('a position before the first event shows that nothing existed yet', async () => {
    await shared.page.goto(`${shared.story.hark.url}/listeners?at=0`)
    await shows(/^Nothing existed yet; first event \d{4}-/)
    await shows('There are none at this moment')
  })

  test('the label of a lane is of the present, though the window is of the past', async () => {
    const { data } = await shared.story.hark.graphql(FAILED)
    const failed = Date.parse(data.events.edges[0].node.time)
    const [from, to] = [failed, failed + 6].map(time => new Date(time).toISOString())
    await shared.page.goto(`${shared.story.hark.url}/?from=${from}&to=${to}`)
    await shared.page
      .getByRole('button', {
        name: new RegExp(`Listener backend in ${WEST} is Ready, not Ready for 6 ms in this window`),
      })
      .waitFor()
    await shared.page.goto(`${shared.story.hark.url}/listeners/${WEST}/backend?from=${from}&to=${to}`)
    await shows(/since [\d-]+ [\d:.]+ UTC, still \(.* so far\)/)
  })
}
