import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { ROOT } from '../../support/tree.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

const onPath = (): readonly string[] =>
  (process.env.PATH ?? '').split(':').flatMap(folder => NAMES.map(name => join(folder, name)))

/** The browser in CHROMIUM_PATH, or else on the path; undefined if there is none. */
const findChromium = (): string | undefined => process.env.CHROMIUM_PATH || onPath().find(path => existsSync(path))

/** A reason for skipping tests that need a browser; false if there is one. */
export const withoutChromium = (): string | false =>
  findChromium() === undefined && 'no Chromium: set CHROMIUM_PATH, or put chromium on the PATH'

/** Containers have no user namespaces for the sandbox, and little shared memory. */
export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: findChromium()!, args: ['--no-sandbox', '--disable-dev-shm-usage'] })

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A script that finds violations of WCAG 2.2 AA and resolves to their descriptions. */
export const AXE = `${axe};
axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html.slice(0, 200) + ' ' + failureSummary).join('\\n')))`

const newest = (files: readonly string[]): number =>
  Math.max(0, ...files.map(file => statSync(join(ROOT, file)).mtimeMs))

/** Builds the page unless the build is newer than its sources. */
export const buildConsole = (): void => {
  const sources = globSync('src/console/**/*.*', { cwd: ROOT })
  const built = globSync('dist/console/index.html', { cwd: ROOT })
  if (newest(built) > newest(sources)) return
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js')
  execFileSync(process.execPath, [vite, 'build', 'src/console', '--logLevel', 'warn'], { cwd: ROOT })
}
