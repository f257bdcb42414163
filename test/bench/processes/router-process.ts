import { SimulatedNetwork } from '../../../src/simulator/network.ts'

// A simulated router in a separate process: prints its URL, and exits with its parent.
const router = new SimulatedNetwork().addRouter({ id: 'bench' })
await router.start()
process.stdout.write(`${router.url}\n`)
process.stdin.resume().once('end', () => process.exit())
