import type { Browser, Page } from 'playwright-core'
import { buildConsole, launch, withoutChromium } from '../../console/browser/chromium.ts'
import type { Figure } from '../figure.ts'
import { probe } from './page-probe.ts'

const SIZE = { width: 1280, height: 800 }

/** Runs `work` with a page that has shown everything, without a cache of earlier pages. */
export const withPage = async <T>(browser: Browser, url: string, work: (page: Page) => Promise<T>): Promise<T> => {
  const context = await browser.newContext({ viewport: SIZE })
  try {
    const page = await context.newPage()
    await probe.install(page)
    await page.goto(url)
    await page.getByRole('slider', { name: 'Moment shown' }).waitFor()
    await probe.quiet(page)
    return await work(page)
  } finally {
    await context.close()
  }
}

export const boxOf = async (page: Page, selector: string) => {
  const box = await page.locator(selector).boundingBox()
  if (box === null) throw new Error(`${selector} is not shown`)
  return box
}

/** Runs `work` with a browser; without Chromium it prints why not, and returns nothing. */
export const withBrowser = async (work: (browser: Browser) => Promise<Figure[]>): Promise<Figure[]> => {
  const reason = withoutChromium()
  if (reason) {
    process.stderr.write(`the console in a browser is not measured: ${reason}\n`)
    return []
  }
  buildConsole()
  const browser = await launch()
  try {
    return await work(browser)
  } finally {
    await browser.close()
  }
}
