/** Makes the pictures of docs/console.md from a story on a simulated network. */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { ROOT } from '../support/tree.ts'
import { buildConsole, launch } from './browser/chromium.ts'
import { Story, WEST } from './browser/story.ts'

buildConsole()
await using story = await Story.start()

const SIZE = { width: 1280, height: 720 }

interface Picture {
  readonly name: string
  readonly path: string
  readonly height?: number
  readonly scheme?: 'dark'
  /** Brings the page into the state that is pictured. */
  readonly prepare: (page: Page) => Promise<unknown>
}

const FAILED = '{ events(types: ["ListenerFailedToOpen"]) { edges { node { time } } } }'
/** After the event, while the port was still in use. */
const WITHIN_MS = 1200

const timeOfOutage = async (): Promise<string> => {
  const { data } = await story.hark.graphql(FAILED)
  return new Date(Date.parse(data.events.edges[0].node.time) + WITHIN_MS).toISOString()
}

const PICTURES: readonly Picture[] = [
  {
    name: 'timeline',
    path: '/',
    prepare: async page => {
      await page.goto(`${story.hark.url}/?lane=Listener/${WEST}/backend&at=${await timeOfOutage()}`)
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

await story.play()
const browser = await launch()
try {
  for (const { name, path, height = SIZE.height, scheme = 'light', prepare } of PICTURES) {
    const page = await browser.newPage({ viewport: { ...SIZE, height }, colorScheme: scheme })
    await page.goto(`${story.hark.url}${path}`)
    await prepare(page)
    await page.waitForLoadState('networkidle')
    await page.screenshot({ path: join(ROOT, `docs/images/console-${name}.png`), animations: 'disabled' })
    await page.close()
  }
} finally {
  await browser.close()
}
