import { test } from 'node:test'
import type { Request, WebSocketRoute } from 'playwright-core'
import type { OpenConsole } from '../open-console.ts'
import { EAST, WEST } from '../story.ts'

const CREATE = `mutation ($name: String!, $namespace: String! = "${WEST}") { createListener(input: { namespace: $namespace, name: $name,
  spec: { routingKey: $name, host: $name, port: 1234 } }) { position } }`
const CREATE_CONNECTOR = `mutation ($name: String!) { createConnector(input: { namespace: "${EAST}", name: $name,
  spec: { routingKey: $name, host: $name, port: 1234 } }) { position } }`
const APPLY = 'mutation ($manifests: [JSON!]!) { apply(input: { manifests: $manifests }) { results { action } } }'
const RENAME =
  'mutation { renameSite(input: { namespace: "live", name: "live-site", newName: "renamed" }) { position } }'
const SITE = { apiVersion: 'skupper.io/v2alpha1', kind: 'Site', metadata: { name: 'live-site', namespace: 'live' } }

export const updatesTests = (shared: OpenConsole): void => {
  const { open, momentIs } = shared

  test('changes appear without a reload, also after a restart of the engine', async () => {
    await open('/listeners')
    await shared.page.getByRole('link', { name: 'backend', exact: true }).waitFor()
    await shared.page.getByText('Connected', { exact: true }).waitFor()
    await shared.story.hark.graphql(CREATE, { name: 'live' })
    await shared.page.getByRole('link', { name: 'live', exact: true }).waitFor()
    await Promise.all([shared.page.getByText('Connection lost').waitFor(), shared.story.restart()])
    await shared.page.getByText('Connected', { exact: true }).waitFor()
    await shared.story.hark.graphql(CREATE, { name: 'later' })
    await shared.page.getByRole('link', { name: 'later', exact: true }).waitFor()
  })

  test('connectors and sites appear without a reload', async () => {
    await open('/connectors')
    await shared.page.getByRole('link', { name: 'backend', exact: true }).waitFor()
    await shared.story.hark.graphql(CREATE_CONNECTOR, { name: 'live' })
    await shared.page.getByRole('link', { name: 'live', exact: true }).waitFor()
    await open('/sites')
    await shared.page.getByRole('cell', { name: 'Connected' }).first().waitFor()
    await shared.story.hark.graphql(APPLY, { manifests: [SITE] })
    await shared.page.getByRole('cell', { name: 'live-site' }).first().waitFor()
    await open('/')
    await shared.page.locator('.event-entry', { hasText: 'live site Created' }).click()
    await shared.page.getByRole('complementary', { name: 'Site live' }).getByText('Event 1 of 1').waitFor()
    await shared.page.getByRole('complementary').getByRole('link', { name: 'The site' }).click()
    await shared.page.getByRole('heading', { name: 'live-site' }).waitFor()
    await shared.page.keyboard.press('l')
    await momentIs(null)
    await shared.story.hark.graphql(RENAME)
    await shared.page.getByRole('heading', { name: 'renamed' }).waitFor()
    await shared.page.getByRole('button', { name: 'Renamed from live-site to renamed' }).waitFor()
  })

  test('a namespace that is created later can be chosen without a reload', async () => {
    await open('/listeners')
    await shared.page.getByText('Connected', { exact: true }).waitFor()
    await shared.story.hark.graphql(CREATE, { name: 'first', namespace: 'created-later' })
    await shared.page.getByRole('combobox', { name: 'Namespace' }).selectOption('created-later')
    await shared.page.getByRole('link', { name: 'first', exact: true }).waitFor()
  })

  for (const path of ['/', `/listeners/${WEST}/backend`])
    test(`lanes at ${path} are loaded again when the connection is back`, async () => {
      const isLanes = (request: Request): boolean => request.postData()?.includes('statusLanes') ?? false
      const sockets: WebSocketRoute[] = []
      await shared.page.routeWebSocket('**/graphql', socket => {
        socket.connectToServer()
        sockets.push(socket)
      })
      await shared.page.route('**/graphql', route => (isLanes(route.request()) ? route.abort() : route.fallback()))
      await open(path)
      const failure = shared.page.locator('.notice').filter({ hasText: 'does not respond' })
      await failure.waitFor()
      await shared.page.getByText('Connected', { exact: true }).waitFor()
      await shared.page.unroute('**/graphql')
      await sockets.at(-1)?.close()
      await shared.page
        .getByRole('button', { name: /Listener backend/ })
        .first()
        .waitFor()
      await failure.waitFor({ state: 'detached' })
    })
}
