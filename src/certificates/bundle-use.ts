import type { BundleUse } from './bundle.ts'

/** How a listener's or connector's spec uses its bundle: a connector that shows no certificate needs authorities alone. */
export const bundleUse = (spec: object): BundleUse =>
  'useClientCert' in spec && spec.useClientCert === false ? 'authorities' : 'whole'
