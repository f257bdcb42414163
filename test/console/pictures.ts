/** Makes the pictures of docs/console.md from `hark demo --keep`. */
import { once } from 'node:events'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { Output, start } from '../cli/hark.ts'
import { HttpHark } from '../support/process/http-hark.ts'
import { ROOT } from '../support/tree.ts'
import { buildConsole, launch } from './browser/chromium.ts'
import { WEST } from './browser/story.ts'

buildConsole()
const demo = start(['demo', '--keep'])
const [, url] = await new Output(demo.stdout!).until(/Console +(http\S+)\//)
const hark = new HttpHark(url as string)

const SIZE = { width: 1280, height: 720 }

interface Picture {
  readonly name: string
  readonly path: string
  readonly height?: number
  readonly scheme?: 'dark'
  /** Brings the page into the state that is pictured. */
  readonly prepare: (page: Page) => Promise<unknown>
}

const FAILED = '{ events(types: ["ListenerFailedToOpen"]) { edges { node { position } } } }'

const positionOfOutage = async (): Promise<string> => {
  const { data } = await hark.graphql(FAILED)
  return data.events.edges[0].node.position
}

const PICTURES: readonly Picture[] = [
  {
    name: 'timeline',
    path: '/',
    prepare: async page => {
      await page.goto(`${hark.url}/?lane=Listener/${WEST}/backend&at=${await positionOfOutage()}`)
      await page.getByRole('rowheader', { name: 'Configured' }).waitFor()
    },
  },
  {
    name: 'listener',
    path: `/listeners/${WEST}/backend`,
    height: 900,
    prepare: async page => {
      await page.getByRole('button', { name: 'What broke it?' }).click()
      await page.getByText('This event ended Ready').waitFor()
      await page.getByRole('button', { name: 'Show this moment' }).click()
      const current = page.locator('.card', { hasText: 'Latest event at that time' })
      await current.locator('.event-title', { hasText: 'Port moved from 9090 to 7070' }).waitFor()
    },
  },
  {
    name: 'network',
    path: '/network',
    scheme: 'dark',
    prepare: page => page.getByText('2 routers connected').waitFor(),
  },
  { name: 'audit', path: '/audit', prepare: page => page.getByText('port 9090 → 7070').waitFor() },
]

const browser = await launch()
try {
  for (const { name, path, height = SIZE.height, scheme = 'light', prepare } of PICTURES) {
    const page = await browser.newPage({ viewport: { ...SIZE, height }, colorScheme: scheme })
    await page.goto(`${hark.url}${path}`)
    await prepare(page)
    await page.waitForLoadState('networkidle')
    await page.screenshot({ path: join(ROOT, `docs/images/console-${name}.png`), animations: 'disabled' })
    await page.close()
  }
} finally {
  await browser.close()
  demo.kill('SIGTERM')
  await once(demo, 'exit')
}
