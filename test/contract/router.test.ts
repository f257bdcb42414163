import { systemClock } from '../../src/lib/clock.ts'
import { SimulatedNetwork } from '../../src/simulator/network.ts'
import { clock } from '../fakes/virtual-clock.ts'
import { seededRandom } from '../support/random.ts'
import { routerContract } from './router.ts'

routerContract('simulated routers', async () => {
  const network = new SimulatedNetwork({ random: seededRandom(), clock })
  const west = network.addRouter({ id: 'west' })
  const east = network.addRouter({ id: 'east' })
  await Promise.all([west.start(), east.start()])
  network.link(east, west)
  return { url: west.url, remoteUrl: east.url, clock, [Symbol.asyncDispose]: () => network.stop() }
})

const url = process.env.HARK_TEST_ROUTER
const remoteUrl = process.env.HARK_TEST_ROUTER_REMOTE
if (url !== undefined && remoteUrl !== undefined) {
  routerContract(`routers at ${url} and ${remoteUrl}`, async () => ({
    url,
    remoteUrl,
    clock: systemClock,
    [Symbol.asyncDispose]: async () => undefined,
  }))
}
