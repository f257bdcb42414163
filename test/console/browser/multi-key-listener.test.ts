import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { AXE, buildConsole, launch, withoutChromium } from './chromium.ts'
import { EAST, Story, WEST } from './story.ts'

const PATIENCE_MS = 60_000
const APPLY = 'mutation ($manifests: [JSON!]!) { apply(input: { manifests: $manifests }) { results { action } } }'
const CREATED = '{ events(types: ["MultiKeyListenerCreated"]) { edges { node { position } } } }'
const PATH = `/multi-key-listeners/${WEST}/all`

const manifest = (kind: string, namespace: string, name: string, spec: object) => ({
  apiVersion: 'skupper.io/v2alpha1',
  kind,
  metadata: { name, namespace },
  spec: { host: name, port: 8080, ...spec },
})
const weighted = (routingKeys: object) =>
  manifest('MultiKeyListener', WEST, 'all', { strategy: { weighted: { routingKeys } } })
const connector = (name: string) => manifest('Connector', EAST, name, { routingKey: name })

describe('a MultiKeyListener in the console', { skip: withoutChromium() }, () => {
  let story: Story
  let browser: Browser
  let page: Page

  const apply = async (...manifests: object[]): Promise<void> => {
    const { errors } = await story.hark.graphql(APPLY, { manifests })
    assert.equal(errors, undefined)
  }
  const open = async (path: string): Promise<void> => {
    await page.goto(`${story.hark.url}${path}`)
    await page.getByRole('slider', { name: 'Moment shown' }).waitFor()
  }
  const isReady = (): Promise<void> => page.locator('.page-head [data-status=Ready]').waitFor()
  const keyIs = (name: string): Promise<void> => page.getByRole('row', { name, exact: true }).waitFor()

  before(async () => {
    buildConsole()
    ;[story, browser] = await Promise.all([Story.start(), launch()])
    await apply(
      weighted({ blue: 3, green: 1, red: 4 }),
      connector('blue'),
      manifest('Listener', WEST, 'single', { routingKey: 'blue', port: 8081 }),
    )
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    page.setDefaultTimeout(PATIENCE_MS)
  })

  after(async () => {
    await browser?.close()
    await story?.[Symbol.asyncDispose]()
  })

  test('is in the table of listeners, which leads to its page', async () => {
    await open('/listeners')
    await page.getByRole('row', { name: /all MultiKeyListener hello-world-west .*blue=3, green=1, red=4/ }).waitFor()
    await page.getByRole('row', { name: /single hello-world-west/ }).waitFor()
    await page.getByRole('link', { name: 'all', exact: true }).click()
    await page.waitForURL(url => url.pathname === PATH)
    await page.getByRole('heading', { name: 'Routing keys' }).waitFor()
    await page.locator('nav [aria-current=page]').getByText('Listeners').waitFor()
  })

  test('has a page with where its connections go, live and in the past', async () => {
    await open(PATH)
    await keyIs('blue 3 all')
    await keyIs('red 4 none: no connector has it')
    await page.getByRole('rowheader', { name: 'Operational', exact: true }).waitFor()
    await apply(connector('green'))
    await keyIs('blue 3 75 %')
    await keyIs('green 1 25 %')
    await apply(weighted({ blue: 1, green: 1 }))
    await keyIs('blue 1 50 %')
    await page.locator('.event-entry', { hasText: 'Spec changed: strategy' }).click()
    await page.getByRole('row', { name: 'strategy blue=3, green=1, red=4 blue=1, green=1', exact: true }).waitFor()
    const { data } = await story.hark.graphql(CREATED)
    await open(`${PATH}?at=${data.events.edges[0].node.position}`)
    await keyIs('red 4 none: no connector has it')
    assert.deepEqual(await page.evaluate(AXE), [])
    await page.setViewportSize({ width: 390, height: 844 })
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390)
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  test('is tied to the connectors of each of its routing keys on the map of the network', async () => {
    await open('/network')
    await page.getByText('keys blue=1, green=1').waitFor()
    await page.locator('.ties .tie').nth(2).waitFor({ state: 'attached' })
    await page.getByRole('searchbox', { name: /Search by site/ }).fill('green')
    await page.locator('.ties .tie').nth(1).waitFor({ state: 'detached' })
    await page.locator('.ties .tie').waitFor({ state: 'attached' })
    await page.getByRole('link', { name: 'all', exact: true }).click()
    await page.waitForURL(url => url.pathname === PATH)
  })

  test('fits the page of its site on a phone', async () => {
    await apply(manifest('Listener', WEST, 'elsewhere', { routingKey: 'elsewhere.of.the.network', port: 8082 }))
    await page.setViewportSize({ width: 390, height: 844 })
    await open(`/sites/${WEST}`)
    await page.getByRole('row', { name: /^elsewhere .* 8082/ }).waitFor()
    await page.getByRole('row', { name: /^all MultiKeyListener .*blue=1, green=1 8080/ }).waitFor()
    const [card, table] = (await page.evaluate(
      "['.card', '.site-resources'].map(each => document.querySelector(each).getBoundingClientRect().right)",
    )) as [number, number]
    assert.ok(table <= card, `${table} of ${card} pixels`)
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  test('has a lane, which its kind selects, and whose panel leads to its page', async () => {
    await open('/')
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('MultiKeyListener')
    await page.waitForURL(url => url.searchParams.get('kind') === 'MultiKeyListener')
    await page.getByRole('button', { name: /Listener single/ }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: /MultiKeyListener all in hello-world-west/ }).click()
    const panel = page.getByRole('complementary', { name: 'MultiKeyListener all' })
    await panel.getByText('MultiKeyListener in hello-world-west, port 8080').waitFor()
    await panel.getByRole('link', { name: 'Whole history' }).click()
    await page.waitForURL(url => url.pathname === PATH)
  })
  test('has a page that finds the event that broke it, and what followed', async () => {
    await open(`${PATH}`)
    await isReady()
    await apply(weighted({ nowhere: 1 }))
    await page.locator('.page-head').getByText('Not operational').waitFor()
    await apply(weighted({ blue: 1 }))
    await isReady()
    await page.getByRole('button', { name: 'What broke it?' }).click()
    const found = page.locator('.broke-it')
    await found.getByText('Spec changed: strategy').first().waitFor()
    await found.getByRole('row', { name: 'strategy blue=1, green=1 nowhere=1', exact: true }).waitFor()
    await found.getByText(/^Ready again after /).waitFor()
    await page.getByRole('button', { name: 'Search again' }).waitFor()
    assert.deepEqual(await found.getByRole('heading').allTextContents(), [
      'This event ended Ready',
      'What followed',
      'What it changed',
    ])
  })
})
