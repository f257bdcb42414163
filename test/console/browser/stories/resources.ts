import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAILED, type OpenConsole } from '../open-console.ts'
import { EAST, WEST } from '../story.ts'

export const resourcesTests = (shared: OpenConsole): void => {
  const { open, shows, moment, momentIs } = shared

  test('an event on the page of a listener has the status that it began, whatever window is shown', async () => {
    const events = shared.page.getByRole('main').locator('.event-list')
    const { data } = await shared.story.hark.graphql(FAILED)
    const failed = Date.parse(data.events.edges[0].node.time)
    const iso = (time: number): string => new Date(time).toISOString()
    for (const [from, to] of [
      [failed, failed + 6],
      [failed - 172_800_000, failed + 172_800_000],
    ] as const) {
      await shared.page.goto(`${shared.story.hark.url}/listeners/${WEST}/backend?from=${iso(from)}&to=${iso(to)}`)
      await events.getByRole('button', { name: /Port moved.*Pending/ }).waitFor()
      await events.getByRole('button', { name: /Socket not opened by the router.*Error/ }).waitFor()
    }
  })

  for (const path of [`/listeners/${WEST}/backend`, `/connectors/${EAST}/backend`, `/sites/${WEST}`])
    test(`the timeline on ${path} moves nothing when it arrives`, async () => {
      const page = await shared.page.context().newPage()
      const held = Promise.withResolvers<void>()
      await page.route('**/graphql', async route => {
        if (route.request().postData()?.includes('statusLanes')) await held.promise
        await route.continue()
      })
      await page.goto(`${shared.story.hark.url}${path}`)
      await page.locator('.columns .card').first().waitFor()
      const top = async (): Promise<number | undefined> => (await page.locator('.columns').boundingBox())?.y
      const before = await top()
      held.resolve()
      await page.locator('.resource-timeline .lane-label').waitFor()
      assert.equal(await top(), before)
      await page.close()
    })

  test('the page of a listener finds the event that broke it', async () => {
    await open(`/listeners/${WEST}/backend`)
    await shared.page.getByRole('button', { name: 'What broke it?' }).click()
    await shows('This event ended Ready')
    await shows('Port moved from 9090 to 7070')
    await shows('What it changed')
    await shows(/^Ready again after /)
    assert.equal(await shared.page.locator('.broke-it [data-later]').count(), 0)
    assert.equal(moment(), null)
    await shared.page.getByRole('button', { name: 'Show this moment' }).click()
    await shared.page.getByRole('cell', { name: '7070', exact: true }).first().waitFor()
    await shows('Another program was already listening on backend:7070')
    await shows('The page shows this moment.')
    const current = shared.page.getByRole('main').locator('.card', { hasText: 'Latest event at that time' })
    await current.locator('.event-title', { hasText: 'Port moved from 9090 to 7070' }).waitFor()
    const numberOf = async (): Promise<number> =>
      Number((await current.getByText(/^Event \d+ of \d+$/).textContent())?.split(' ')[1])
    const found = await numberOf()
    await shared.page.getByRole('main').getByRole('button', { name: 'Next event' }).click()
    await shows(`Event ${found + 1} of`)
    await shows('Show this moment')
  })

  test('the page of a connector shows what an event changed in its status', async () => {
    await open(`/connectors/${EAST}/backend`)
    await shared.page.locator('.event-entry', { hasText: 'Accepted by the router' }).click()
    await shared.page
      .getByRole('table', { name: 'Connector backend' })
      .getByRole('row', { name: /^Configured/ })
      .waitFor()
  })

  test('the events of a connector have the one that made it Ready', async () => {
    await open(`/connectors/${EAST}/backend`)
    await shared.page
      .getByRole('main')
      .locator('.event-list')
      .getByRole('button', { name: /appeared on the network.*Ready/ })
      .waitFor()
  })

  test('an event in the panel has the status that it began', async () => {
    await open(`/?lane=Listener/${WEST}/backend`)
    const events = shared.page.getByRole('complementary').locator('.event-list')
    await events.getByRole('button', { name: /Socket not opened by the router.*Error/ }).waitFor()
    await events.getByRole('button', { name: /Socket opened by the router.*Ready again/ }).waitFor()
  })

  test('the panel leads to what broke a listener', async () => {
    await open(`/?lane=Listener/${WEST}/backend`)
    await shared.page.getByRole('complementary').getByRole('link', { name: 'What broke it?' }).click()
    await shared.page.waitForURL(url => url.pathname === `/listeners/${WEST}/backend`)
    await shows('This event ended Ready')
  })

  test('the panel of a router shows the events of that router only', async () => {
    await open(`/?lane=Router/${WEST}/${WEST}`)
    const panel = shared.page.getByRole('complementary', { name: `Router ${WEST}` })
    await panel.getByText(/^Event (\d+) of \1$/).waitFor()
    await panel.getByRole('button', { name: 'Event before' }).click()
    await panel.getByRole('button', { name: 'Now →' }).click()
    await momentIs(null)
    await shared.page.locator('.time-bar [aria-pressed=true]').waitFor()
    await panel.getByText('Router west connected').waitFor()
    assert.equal(await panel.getByText('Socket opened').count(), 0)
  })
}
