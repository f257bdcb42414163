import { SimulatedNetwork } from '../../../src/simulator/network.ts'

// A simulated router in a process of its own, as routers are: prints its URL, and ends when its parent does.
const router = new SimulatedNetwork().addRouter({ id: 'bench' })
await router.start()
process.stdout.write(`${router.url}\n`)
process.stdin.resume().once('end', () => process.exit())
