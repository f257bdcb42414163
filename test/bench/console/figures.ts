import { globSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../../../src/engine/engine.ts'
import { buildConsole } from '../../console/browser/chromium.ts'
import { ROOT } from '../../support/tree.ts'
import { withEngine } from '../engine.ts'
import type { Figure } from '../figure.ts'
import { withServer } from '../http.ts'
import { inScratch } from '../scratch.ts'
import { withBrowser } from './browser.ts'
import { consoles } from './consoles.ts'
import { momentFigures } from './moments.ts'
import { fillMonth, MONTH_MS, type MonthLog } from './month-log.ts'
import { motionFigures } from './motions.ts'
import { overviews } from './overviews.ts'

const LISTENERS = { listeners: 1_000, events: 1_000_000 }
const LANES = { listeners: 2_000, events: 1_000_000 }
const OTHERS = { listeners: 2_000, events: 10_000 }

const size = (): Figure => {
  buildConsole()
  const bytes = globSync('dist/console/assets/*.{js,css}.gz', { cwd: ROOT })
    .map(file => statSync(join(ROOT, file)).size)
    .reduce((sum, each) => sum + each, 0)
  const name = 'JavaScript and CSS of the console, compressed with gzip'
  return { name, unit: 'KB', value: bytes / 1000, bar: { at: 'most', of: 150 } }
}

const fill = async (
  folder: string,
  log: MonthLog,
  work: (engine: Engine) => Promise<Figure[]> = async () => [],
): Promise<Figure[]> => {
  await mkdir(folder)
  return withEngine(folder, async ({ engine, store }) => {
    await engine.readModels.reached(await fillMonth(store, log))
    return work(engine)
  })
}

/** The console's size, its queries, its pages in a browser, and what it takes of the engine. */
export const consoleFigures = (): Promise<Figure[]> =>
  inScratch(async scratch => {
    const span = { from: Date.now() - MONTH_MS, to: Date.now() }
    const start = span.from
    const [deep, wide] = [join(scratch, 'deep'), join(scratch, 'wide')]
    const queried = await fill(deep, { sites: [LISTENERS], start }, engine =>
      withServer(engine, url => overviews(url, span)),
    )
    const shown = await withBrowser(async browser => {
      const moments = await momentFigures(browser, deep, span)
      await fill(wide, { sites: [LANES, OTHERS, OTHERS, OTHERS, OTHERS], start })
      return [...moments, ...(await motionFigures(browser, wide))]
    })
    return [size(), ...queried, ...shown, ...(await consoles())]
  })
