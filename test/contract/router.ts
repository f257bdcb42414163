import { after, before, describe } from 'node:test'
import { listening } from './router/listening.ts'
import { managing } from './router/managing.ts'
import { declareOn, type TwoRouters } from './router/scene.ts'
import { telling } from './router/telling.ts'

/** What every router does that Hark drives. */
export const routerContract = (name: string, start: () => Promise<TwoRouters>): void => {
  describe(name, () => {
    let routers: TwoRouters
    before(async () => {
      routers = await start()
    })
    after(() => routers[Symbol.asyncDispose]())
    const it = declareOn(() => routers)
    describe('management', { concurrency: true }, () => managing(it))
    describe('listeners', { concurrency: true }, () => listening(it))
    describe('VanFlow', { concurrency: true }, () => telling(it))
  })
}
