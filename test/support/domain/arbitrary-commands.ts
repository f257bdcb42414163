import type { Command } from '../../../schemas/commands.ts'
import type { ConnectorSpec } from '../../../schemas/resources/connector.ts'
import type { ListenerSpec } from '../../../schemas/resources/listener.ts'
import type { MultiKeyListenerSpec } from '../../../schemas/resources/multi-key-listener.ts'
import fc from '../fast-check.ts'
import { connectorSpec, listenerSpec, multiKeyListenerSpec } from './specs.ts'

/** Few values, so that commands meet. */
export const NAMESPACES = ['east', 'west'] as const
export const NAMES = ['a', 'b', 'c'] as const
const ROUTING_KEYS = ['x', 'y', 'z'] as const
const HOSTS = ['backend', 'Backend', '10.0.0.1', '::1', '0:0:0:0:0:0:0:1'] as const
const PORTS = [8080, 8081] as const

export const namespace = fc.constantFrom(...NAMESPACES)
export const name = fc.constantFrom(...NAMES)
export const routingKey = fc.constantFrom(...ROUTING_KEYS)
const host = fc.constantFrom(...HOSTS)
const port = fc.constantFrom(...PORTS)
const type = fc.constantFrom('tcp', 'tcp', 'tcp', 'udp')
const tlsCredentials = fc.constantFrom('certs', 'certs-profile')
const settings = fc.constantFrom({ observer: 'auto' as const }, { observer: 'auto' as const, probe: 'tcp' })
const optional = { requiredKeys: [], noNullPrototype: true }

const anyListenerSpec: fc.Arbitrary<ListenerSpec> = fc
  .record({ routingKey, host, port, type, tlsCredentials, settings }, optional)
  .map(changes => listenerSpec(changes))

const { host: _, ...selecting } = connectorSpec({ selector: 'app=backend' })

const anyConnectorSpec: fc.Arbitrary<ConnectorSpec> = fc.oneof(
  fc
    .record(
      { routingKey, host, port, type, tlsCredentials, verifyHostname: fc.boolean(), useClientCert: fc.boolean() },
      optional,
    )
    .map(changes => connectorSpec(changes)),
  routingKey.map(key => ({ ...selecting, routingKey: key })),
)

const strategy: fc.Arbitrary<MultiKeyListenerSpec['strategy']> = fc.oneof(
  fc.uniqueArray(routingKey, { minLength: 1 }).map(routingKeys => ({ priority: { routingKeys } })),
  fc
    .dictionary(routingKey, fc.nat(3), { minKeys: 1, noNullPrototype: true })
    .map(routingKeys => ({ weighted: { routingKeys } })),
)

const anyMultiKeyListenerSpec: fc.Arbitrary<MultiKeyListenerSpec> = fc
  .record({ host, port, strategy, tlsCredentials }, optional)
  .map(changes => multiKeyListenerSpec(changes))

const subject = { namespace, name }
const command = <Type extends Command['type'], Rest extends object>(type: Type, rest: fc.Arbitrary<Rest>) =>
  fc.tuple(fc.record(subject), rest).map(([about, more]) => ({ type, ...about, ...more }))

const texts = fc.dictionary(fc.constantFrom('app', 'tier'), fc.constantFrom('a', 'b'), { noNullPrototype: true })
const patch = fc.dictionary(fc.constantFrom('app', 'tier'), fc.constantFrom('a', 'b', null), { noNullPrototype: true })
const labelled = <Spec>(spec: fc.Arbitrary<Spec>) =>
  fc.record({ spec, labels: texts, annotations: texts }, { requiredKeys: ['spec'], noNullPrototype: true })
const metadata = fc.record({ labels: patch, annotations: patch, overwrite: fc.boolean() }, { noNullPrototype: true })

const spec = labelled(anyListenerSpec)
const connector = labelled(anyConnectorSpec)
const multiKeyListener = labelled(anyMultiKeyListenerSpec)
const site = labelled(fc.record({ edge: fc.boolean(), linkAccess: fc.constant('default') }, optional))
const nothing = fc.constant({})

const anyListenerCommand = fc.oneof(
  command('CreateListener', spec),
  command('CreateListener', spec),
  command('UpdateRoutingKey', fc.record({ routingKey })),
  command('UpdateHost', fc.record({ host })),
  command('UpdatePort', fc.record({ port })),
  command('ApplyListener', spec),
  command('UpdateListenerMetadata', metadata),
  command('DeleteListener', nothing),
)

const anyConnectorCommand = fc.oneof(
  command('CreateConnector', connector),
  command('CreateConnector', connector),
  command('UpdateConnector', connector),
  command('ApplyConnector', connector),
  command('UpdateConnectorMetadata', metadata),
  command('DeleteConnector', nothing),
)

const anyMultiKeyListenerCommand = fc.oneof(
  command('CreateMultiKeyListener', multiKeyListener),
  command('CreateMultiKeyListener', multiKeyListener),
  command('UpdateMultiKeyListener', multiKeyListener),
  command('ApplyMultiKeyListener', multiKeyListener),
  command('UpdateMultiKeyListenerMetadata', metadata),
  command('DeleteMultiKeyListener', nothing),
)

const anySiteCommand = fc.oneof(
  command('ApplySite', site),
  command('ApplySite', site),
  command('RenameSite', fc.record({ newName: name })),
  command('UpdateSiteMetadata', metadata),
  command('DeleteSite', nothing),
)

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: anyListenerCommand },
  { weight: 4, arbitrary: anyConnectorCommand },
  { weight: 2, arbitrary: anyMultiKeyListenerCommand },
  { weight: 1, arbitrary: anySiteCommand },
)
