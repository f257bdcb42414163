import { z } from 'zod'
import { mustBe } from '../validation.ts'

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const LABEL_MAX = 63
const HOST_LABEL = /^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/
const DIGITS_AND_DOTS = /^[0-9.]+$/
const HOST_MAX = 253
const ROUTING_KEY = /^[^\s\p{Cc}]{1,253}$/u
const SUBDOMAIN_MAX = 253
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

const matching = (pattern: RegExp, max: number, allowed: string) => {
  const message = mustBe(allowed, 'string')
  return z.string(message).refine(text => text.length <= max && pattern.test(text), message)
}

const ipv4 = z.ipv4()
const ipv6 = z.ipv6()

/** Runs for every event read, so it avoids needless parsing. */
const isAddress = (text: string): boolean =>
  text.includes(':') ? ipv6.safeParse(text).success : DIGITS_AND_DOTS.test(text) && ipv4.safeParse(text).success

const isHost = (text: string): boolean => {
  if (isAddress(text)) return true
  // 10.0.0.256 is probably a mistyped address, not a host name.
  if (text.length > HOST_MAX || DIGITS_AND_DOTS.test(text)) return false
  return text.split('.').every(label => label.length <= LABEL_MAX && HOST_LABEL.test(label))
}

export const isSubdomain = (text: string): boolean => text.length <= SUBDOMAIN_MAX && SUBDOMAIN.test(text)

/** Follows Kubernetes object names. Namespaces are labels without dots. */
export const resourceName = matching(
  SUBDOMAIN,
  SUBDOMAIN_MAX,
  'a name (RFC 1123 subdomain: lower-case letters, digits, - and ., each part beginning and ending with a letter or digit, 253 characters at most)',
)
export const namespaceName = matching(
  LABEL,
  LABEL_MAX,
  'a namespace (RFC 1123 label: lower-case letters, digits and -, beginning and ending with a letter or digit, 63 characters at most)',
)

const HOST = 'an IP address or a host name (RFC 1123, 253 characters at most)'
export const hostName = z.string(mustBe(HOST, 'string')).refine(isHost, mustBe(HOST, 'string'))

const PORT = mustBe('a port (1 to 65535)', 'number')
export const portNumber = z.int(PORT).min(1, PORT).max(65535, PORT)

export const routingKey = matching(ROUTING_KEY, 253, 'a routing key (1 to 253 characters, none of them blank)')

/** A Secret or folder with TLS credentials. The name becomes part of a path. */
export const credentialsName = matching(
  SUBDOMAIN,
  SUBDOMAIN_MAX,
  'the name of TLS credentials (RFC 1123: lower-case letters, digits, - and ., 253 characters at most)',
)

export const flag = z.boolean(mustBe('true or false', 'boolean'))

export const text = z.string(mustBe('a text', 'string'))
