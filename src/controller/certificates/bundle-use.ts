import type { BundleUse } from './bundle.ts'

/**
 * How a listener or connector uses its bundle. A listener needs authorities only to verify client certificates; a connector
 * needs them to verify its server, and the rest only to present a certificate.
 */
export const bundleUse = (spec: object): BundleUse => {
  if (!('useClientCert' in spec)) return 'certificate'
  return spec.useClientCert === true ? 'whole' : 'authorities'
}
