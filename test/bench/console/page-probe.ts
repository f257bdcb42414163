import type { Page } from 'playwright-core'

/** A page has shown everything when nothing was pending, changed or painted for so long. */
const QUIET_MS = 250
const LONG_TASK_MS = 50
const AFTER_TICK_MS = 100

/**
 * Runs in the page. It notes when the last change was painted: of the document, of a canvas, or by a response. It also
 * notes tasks that block the page.
 */
const SCRIPT = `(() => {
  let pending = 0, isWaiting = false, changedAt = 0, paintedAt = 0, pressedAt = 0
  const long = []
  const changed = () => {
    changedAt = performance.now()
    if (isWaiting) return
    isWaiting = true
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => { isWaiting = false; paintedAt = performance.now() }
      port2.postMessage(undefined)
    })
  }
  const fetched = window.fetch
  window.fetch = async (...request) => {
    pending += 1
    const end = () => { pending -= 1; changed() }
    try {
      const response = await fetched(...request)
      const json = response.json.bind(response)
      response.json = () => json().finally(end)
      return response
    } catch (error) {
      end()
      throw error
    }
  }
  const { clearRect } = CanvasRenderingContext2D.prototype
  CanvasRenderingContext2D.prototype.clearRect = function (...area) {
    changed()
    return clearRect.apply(this, area)
  }
  document.addEventListener('DOMContentLoaded', () =>
    new MutationObserver(changed).observe(document.body,
      { subtree: true, childList: true, attributes: true, characterData: true }))
  new PerformanceObserver(list => {
    for (const { duration } of list.getEntries()) if (duration > ${LONG_TASK_MS}) long.push(duration)
  }).observe({ type: 'longtask' })
  addEventListener('pointerdown', ({ timeStamp }) => { pressedAt = timeStamp }, true)
  const quiet = () => new Promise(resolve => {
    let busyAt = performance.now()
    const look = () => {
      const now = performance.now()
      if (pending > 0 || isWaiting) busyAt = now
      if (now - Math.max(busyAt, changedAt, paintedAt) > ${QUIET_MS}) resolve()
      else setTimeout(look, 10)
    }
    look()
  })
  // The clock of the page changes it each second.
  const afterTick = () => new Promise(resolve => {
    const look = () => {
      const since = Date.now() % 1000
      if (since >= ${AFTER_TICK_MS} && since < ${AFTER_TICK_MS} + 100) resolve()
      else setTimeout(look, 10)
    }
    look()
  })
  window.probe = {
    afterTick,
    quiet,
    tookSincePress: async () => { await quiet(); return paintedAt - pressedAt },
    tookSinceNavigation: async () => { await quiet(); return paintedAt },
    longTasks: () => long.splice(0),
  }
})()`

const call = <Answer>(page: Page, name: string): Promise<Answer> => page.evaluate(`window.probe.${name}()`)

/** Measures pages from within. */
export const probe = {
  install: (page: Page): Promise<unknown> => page.addInitScript(SCRIPT),
  /** Resolves when the page shows everything. */
  quiet: (page: Page): Promise<void> => call(page, 'quiet'),
  /** Resolves soon after the clock of the page has changed it. */
  afterTick: (page: Page): Promise<void> => call(page, 'afterTick'),
  /** Milliseconds from the last press of the pointer until everything is painted. */
  tookSincePress: (page: Page): Promise<number> => call(page, 'tookSincePress'),
  /** Milliseconds from the navigation until everything is painted. */
  tookSinceNavigation: (page: Page): Promise<number> => call(page, 'tookSinceNavigation'),
  /** Milliseconds of each task that blocked the page since the last call. */
  longTasks: (page: Page): Promise<number[]> => call(page, 'longTasks'),
}
