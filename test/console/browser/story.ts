import { HelloWorld } from '../../../src/simulator/hello-world.ts'
import { eventually } from '../../support/eventually.ts'
import { RunningHark } from '../../support/running-hark.ts'
import { type ScratchFolder, scratchFolder } from '../../support/scratch-folder.ts'

export const WEST = 'hello-world-west'
export const EAST = 'hello-world-east'

const STATUS = `{ listener(namespace: "${WEST}", name: "backend") { spec { port } status { status } } }`
const MOVE = `mutation ($port: Int!) { updatePort(input: { namespace: "${WEST}", name: "backend", port: $port }) { position } }`
const APPLY = 'mutation ($manifests: [JSON!]!) { apply(input: { manifests: $manifests }) { results { action } } }'

const manifest = (kind: string, namespace: string, spec: object) => ({
  apiVersion: 'skupper.io/v2alpha1',
  kind,
  metadata: { name: 'backend', namespace },
  spec: { routingKey: 'backend', ...spec },
})

/** `hark serve` on a simulated network of two sites. */
export class Story implements AsyncDisposable {
  readonly world: HelloWorld
  readonly folder: ScratchFolder
  hark: RunningHark

  private constructor(world: HelloWorld, folder: ScratchFolder, hark: RunningHark) {
    this.world = world
    this.folder = folder
    this.hark = hark
  }

  static async start(): Promise<Story> {
    const [world, folder] = await Promise.all([HelloWorld.start(), scratchFolder()])
    return new Story(world, folder, await RunningHark.start(Story.#args(world, folder, '0')))
  }

  static #args(world: HelloWorld, folder: ScratchFolder, port: string): readonly string[] {
    const routers = [world.west, world.east].flatMap(({ id, url }) => ['--router', `hello-world-${id}=${url}`])
    return ['--data', folder.path, ...routers, '--port', port]
  }

  /** Starts the engine again on the same port. */
  async restart(): Promise<void> {
    await this.hark.kill()
    this.hark = await RunningHark.start(Story.#args(this.world, this.folder, new URL(this.hark.url).port))
  }

  async until(status: string, port: number): Promise<void> {
    await eventually(async () => {
      const { data } = await this.hark.graphql(STATUS)
      return data?.listener?.status.status === status && data.listener.spec.port === port
    })
  }

  /** A listener becomes Ready, moves to a port that another program uses, and is Ready again when that ends. */
  async play(): Promise<void> {
    const manifests = [
      manifest('Listener', WEST, { host: 'backend', port: 9090 }),
      manifest('Connector', EAST, { host: 'hello-world-backend', port: 8080 }),
    ]
    await this.hark.graphql(APPLY, { manifests })
    await this.until('Ready', 9090)
    const other = await this.world.takeEndpoint(this.world.west, { host: 'backend', port: 7070 })
    await this.hark.graphql(MOVE, { port: 7070 })
    await this.until('Error', 7070)
    await other.end()
    await this.until('Ready', 7070)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hark.stop()
    await this.world[Symbol.asyncDispose]()
    await this.folder[Symbol.asyncDispose]()
  }
}
