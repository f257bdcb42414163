import assert from 'node:assert/strict'
import type { Browser, Page } from 'playwright-core'
import { buildConsole, launch } from './chromium.ts'
import { EAST, Story, WEST } from './story.ts'

const PATIENCE_MS = 60_000

export const PLACES = [
  '/',
  '/network',
  '/listeners',
  `/listeners/${WEST}/backend`,
  `/connectors/${EAST}/backend`,
  '/audit',
]

export const FAILED = '{ events(types: ["ListenerFailedToOpen"]) { edges { node { position time } } } }'

/** A page of the console in a browser, of an engine that has played the story. */
export class OpenConsole implements AsyncDisposable {
  story!: Story
  page!: Page
  #browser: Browser | undefined
  /** Errors in the page, and what its policy forbade. */
  readonly problems: string[] = []
  /** Requests to other origins. */
  readonly foreign: string[] = []

  async start(): Promise<void> {
    buildConsole()
    const [story, browser] = await Promise.all([Story.start(), launch()])
    this.story = story
    this.#browser = browser
    await story.play()
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    this.page = await context.newPage()
    this.page.setDefaultTimeout(PATIENCE_MS)
    this.page.on('pageerror', error => this.problems.push(error.message))
    this.page.on('console', message => {
      if (/Content.Security.Policy/i.test(message.text())) this.problems.push(message.text())
    })
    this.page.on('request', request => {
      if (!request.url().startsWith(story.hark.url)) this.foreign.push(request.url())
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser?.close()
    await this.story?.[Symbol.asyncDispose]()
  }

  readonly open = async (path: string): Promise<void> => {
    await this.page.goto(`${this.story.hark.url}${path}`)
    await this.page.getByRole('slider', { name: 'Moment shown' }).waitFor()
  }

  readonly shows = (text: string | RegExp): Promise<void> =>
    this.page.getByText(text).filter({ visible: true }).first().waitFor()

  /** The name in the heading comes from the address, before anything is loaded. */
  readonly isLoaded = (path: string): Promise<void> =>
    /^\/(listeners|connectors)\/./.test(path)
      ? this.page.getByRole('heading', { name: 'Spec' }).waitFor()
      : this.shows('backend')

  readonly momentWordsFit = async (): Promise<void> => {
    const [needed, shown] = (await this.page.evaluate(
      "(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(document.querySelector('.time-bar-moment'))",
    )) as [number, number]
    assert.ok(needed <= shown, `${needed} of ${shown} pixels`)
  }

  readonly moment = (): string | null => new URL(this.page.url()).searchParams.get('at')

  /** The page writes its address some time after it has changed. */
  readonly momentAfter = async (from: string | null): Promise<string | null> => {
    await this.page.waitForURL(url => url.searchParams.get('at') !== from)
    return this.moment()
  }

  readonly momentIs = (at: string | null): Promise<void> =>
    this.page.waitForURL(url => url.searchParams.get('at') === at)
}
