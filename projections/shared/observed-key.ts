/** Under what a read model keeps something that the router of a namespace sees on the network. */
export const seenKey = (namespace: string, identity: string): string => `seen/${namespace}/${identity}`

/** The identity in a key that `seenKey` made. */
export const seenIdentity = (namespace: string, key: string): string => key.slice(seenKey(namespace, '').length)
