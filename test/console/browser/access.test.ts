import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { bearer, credentials } from '../../support/credentials.ts'
import { TestServer } from '../../support/test-server.ts'
import { buildConsole, launch, withoutChromium } from './chromium.ts'

const CREATE = `mutation ($namespace: String!, $name: String!) { createListener(input: { namespace: $namespace, name: $name,
  spec: { routingKey: "a", host: $name, port: 80 } }) { position } }`

describe('the console with tokens', { skip: withoutChromium() }, () => {
  let given: Awaited<ReturnType<typeof credentials>>
  let hark: TestServer
  let browser: Browser

  const create = async (namespace: string, name: string): Promise<void> => {
    const { errors } = await hark.graphql(CREATE, { namespace, name }, bearer(given.make(`creator-${name}`, 'admin')))
    assert.equal(errors, undefined)
  }
  const signIn = async (roles: string): Promise<Page> => {
    const page = await (await browser.newContext()).newPage()
    await page.goto(hark.url)
    await page.getByLabel('Token').fill(given.make(`someone-${roles.replace(/\W/g, '-')}`, roles))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: /Sign out/ }).waitFor()
    return page
  }

  before(async () => {
    buildConsole()
    given = await credentials()
    hark = await TestServer.start({ server: { authenticator: given.authenticator } })
    browser = await launch()
    await create('west', 'seen')
    await create('east', 'hidden')
  })

  after(async () => {
    await browser?.close()
    await hark?.[Symbol.asyncDispose]()
    given?.dispose()
  })

  test('a viewer of one namespace sees nothing of another, and is not offered the audit', async () => {
    const page = await signIn('viewer:west')
    await page.getByRole('button', { name: /Listener seen in west/ }).waitFor()
    for (const path of ['/', '/listeners', '/network']) {
      await page.goto(`${hark.url}${path}`)
      await page.getByText('seen').filter({ visible: true }).first().waitFor()
      assert.equal(await page.getByText('hidden').count(), 0, path)
      assert.equal(await page.getByText('east').count(), 0, path)
    }
    assert.equal(await page.getByRole('link', { name: 'Audit' }).count(), 0)
    await create('west', 'another')
    await page.getByText('another').filter({ visible: true }).first().waitFor()
  })

  test('an auditor sees who did what in the namespace', async () => {
    const page = await signIn('auditor:west')
    await page.goto(`${hark.url}/audit`)
    await page.getByRole('cell', { name: 'creator-seen' }).waitFor()
    assert.equal(await page.getByText('creator-hidden').count(), 0)
  })

  test('a token is kept for the tab only, and a rejected one has to be replaced', async () => {
    const page = await signIn('admin')
    assert.equal(await page.evaluate('Object.keys(localStorage).length + document.cookie.length'), 0)
    assert.equal(await page.evaluate('Object.keys(sessionStorage).length'), 1)
    await page.evaluate(`sessionStorage.setItem('hark.token', 'wrong')`)
    await page.reload()
    const rejection = page.getByText('The token was rejected')
    await rejection.waitFor()
    const give = async (token: string): Promise<void> => {
      await page.getByLabel('Token').fill(token)
      await page.getByRole('button', { name: 'Sign in' }).click()
    }
    await Promise.all([page.waitForResponse(`${hark.url}/graphql`), give('wrong')])
    await rejection.waitFor()
    await give(given.make('another', 'admin'))
    await page.getByRole('button', { name: 'Sign out another' }).waitFor()
  })
})
