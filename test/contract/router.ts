import { after, before, describe } from 'node:test'
import { declareOn, type TwoRouters } from './router/fixtures.ts'
import { listenerAddresses } from './router/listener-addresses.ts'
import { listening } from './router/listeners.ts'
import { managing } from './router/management.ts'
import { vanflowContract } from './router/vanflow.ts'

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
    describe('listenerAddresses', { concurrency: true }, () => listenerAddresses(it))
    describe('VanFlow', { concurrency: true }, () => vanflowContract(it))
  })
}
