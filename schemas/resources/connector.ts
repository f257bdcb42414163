import { z } from 'zod'
import { mustBe } from '../validation.ts'
import { credentialsName, flag, hostName, portNumber, routingKey, text } from './names.ts'
import { settings } from './settings.ts'

const selector = z.string(mustBe('a selector', 'string')).min(1, mustBe('a selector, such as app=backend', 'string'))

/** A connector's spec as Hark keeps it: every default filled in. Exactly one of `host` and `selector` is there. */
export const connectorSpec = z.strictObject(
  {
    routingKey,
    host: hostName.optional(),
    selector: selector.optional(),
    port: portNumber,
    type: text,
    tlsCredentials: credentialsName.optional(),
    useClientCert: flag,
    verifyHostname: flag,
    exposePodsByName: flag,
    includeNotReadyPods: flag,
    settings,
  },
  mustBe('a connector spec', 'object'),
)
export type ConnectorSpec = z.infer<typeof connectorSpec>

const targetsOf = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 1
  const { host, selector } = value as { host?: unknown; selector?: unknown }
  return (host === undefined ? 0 : 1) + (selector === undefined ? 0 : 1)
}

/** A connector's spec as people write it, with the defaults of Skupper's reference. */
export const connectorSpecInput = connectorSpec
  .partial({
    type: true,
    useClientCert: true,
    verifyHostname: true,
    exposePodsByName: true,
    includeNotReadyPods: true,
    settings: true,
  })
  .refine(value => targetsOf(value) === 1, {
    path: ['host'],
    when: () => true,
    error: issue =>
      targetsOf(issue.input) === 0
        ? 'is missing: one of host and selector is required'
        : 'stands beside selector: give one of host and selector',
  })
  .transform(
    (spec): ConnectorSpec => ({
      routingKey: spec.routingKey,
      ...(spec.host === undefined ? {} : { host: spec.host }),
      ...(spec.selector === undefined ? {} : { selector: spec.selector }),
      port: spec.port,
      type: spec.type ?? 'tcp',
      ...(spec.tlsCredentials === undefined ? {} : { tlsCredentials: spec.tlsCredentials }),
      useClientCert: spec.useClientCert ?? false,
      verifyHostname: spec.verifyHostname ?? true,
      exposePodsByName: spec.exposePodsByName ?? false,
      includeNotReadyPods: spec.includeNotReadyPods ?? false,
      settings: spec.settings ?? {},
    }),
  )
