import type { BundleUse } from './bundle.ts'

/**
 * How a listener's or connector's spec uses its bundle. A listener needs authorities only where its clients are to show
 * certificates; a connector needs them to know whom it connects to, and the rest only where it shows a certificate itself.
 */
export const bundleUse = (spec: object): BundleUse => {
  if (!('useClientCert' in spec)) return 'certificate'
  return spec.useClientCert === true ? 'whole' : 'authorities'
}
