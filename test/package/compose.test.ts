import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { amqpListener, routerEntities } from '../../schemas/router-entities.ts'
import { ROOT, read } from '../support/tree.ts'

const service = z.object({
  image: z.string(),
  build: z.string().optional(),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  networks: z.union([z.array(z.string()), z.record(z.string(), z.unknown()).transform(Object.keys)]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  restart: z.string(),
})

const composeFile = z.object({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.unknown()),
  volumes: z.record(z.string(), z.unknown()),
})

const { services, networks, volumes } = composeFile.parse(parse(read('docker-compose.yml'), { merge: true }))

/** Its image has a health check. */
const isBuiltHere = (name: string): boolean => services[name]?.build !== undefined

describe('docker-compose.yml', () => {
  for (const [name, { ports, volumes: mounts, networks: joined, depends_on, restart, image }] of Object.entries(
    services,
  )) {
    describe(name, () => {
      test('publishes ports on loopback only', () => {
        for (const port of ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/)
      })

      test('mounts existing files and volumes', () => {
        for (const mount of mounts) {
          const [source] = mount.split(':') as [string]
          assert.ok(source.startsWith('.') ? existsSync(join(ROOT, source)) : source in volumes, mount)
        }
      })

      test('joins declared networks', () => {
        for (const network of joined) assert.ok(network in networks, network)
      })

      test('depends on services with a health check', () => {
        for (const [other, { condition }] of Object.entries(depends_on)) {
          assert.ok(other in services, other)
          if (condition === 'service_healthy') assert.ok(services[other]?.healthcheck ?? isBuiltHere(other), other)
        }
      })

      test('restarts unless stopped', () => {
        assert.equal(restart, 'unless-stopped')
      })

      test('has an image', () => {
        assert.notEqual(image, '')
      })
    })
  }

  test('checks health with `hark health`', () => {
    assert.match(read('Dockerfile'), /^HEALTHCHECK (?:--\S+ )*\\\n {2}CMD \["hark", "health"\]$/m)
  })

  test('builds from a Dockerfile that copies existing files', () => {
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) =>
      (paths as string).split(' '),
    )
    assert.notEqual(copied.length, 0)
    for (const path of copied) assert.ok(existsSync(join(ROOT, path)), path)
    const sent = new Set([...read('.dockerignore').matchAll(/^!(\S+)$/gm)].map(([, path]) => path))
    for (const path of copied) assert.ok(sent.has(path.split('/')[0]), `${path} is left out by .dockerignore`)
  })
})

const pairs = z.array(z.tuple([z.string(), z.record(z.string(), z.unknown())]))

/** Links and health checks of routers, which Hark does not configure. */
const linkEntities = {
  connector: z.strictObject({ name: z.string(), role: z.literal('inter-router'), host: z.string(), port: z.string() }),
  listener: z.union([
    amqpListener,
    z.strictObject({ name: z.string(), role: z.literal('inter-router'), host: z.string(), port: z.string() }),
    z.strictObject({
      name: z.string(),
      role: z.literal('normal'),
      host: z.literal('127.0.0.1'),
      port: z.string(),
      http: z.literal(true),
      healthz: z.literal(true),
      metrics: z.boolean(),
      websockets: z.boolean(),
    }),
  ]),
}

const entities: Readonly<Record<string, z.ZodType>> = { ...routerEntities, ...linkEntities }

for (const file of globSync('deploy/routers/*/skrouterd.json', { cwd: ROOT })) {
  describe(file, () => {
    const configuration = pairs.parse(JSON.parse(read(file)))
    const all = (type: string) => configuration.filter(([name]) => name === type).map(([, attributes]) => attributes)

    test('has entities of known types with known attributes', () => {
      for (const [type, attributes] of configuration) {
        const schema = entities[type]
        assert.ok(schema, type)
        assert.deepEqual(schema.parse(attributes), attributes)
      }
    })

    test('has a router, its site and the address that VanFlow needs', () => {
      assert.equal(all('router').length, 1)
      assert.equal(all('site').length, 1)
      assert.deepEqual(all('address'), [{ prefix: 'mc', distribution: 'multicast' }])
      assert.equal(all('router')[0]?.id, all('site')[0]?.name)
    })

    test('has no entity with a name that Hark manages', () => {
      for (const { name } of [...all('tcpListener'), ...all('tcpConnector')])
        assert.doesNotMatch(String(name), /^(listener|connector)\//)
    })

    test('links to listeners of other routers', () => {
      for (const { host, port } of all('connector')) {
        const other = pairs.parse(JSON.parse(read(`deploy/routers/${host}/skrouterd.json`)))
        assert.ok(
          other.some(([type, there]) => type === 'listener' && there.role === 'inter-router' && there.port === port),
        )
        assert.ok(String(host) in services)
      }
    })

    test('connects to a service in a shared network', () => {
      const own = services[file.split('/').at(-2) as string]
      for (const { host } of all('tcpConnector')) {
        const { networks: theirs } = services[String(host)] ?? assert.fail(`no service ${host}`)
        assert.ok(own?.networks.some(network => theirs.includes(network)))
      }
    })
  })
}
