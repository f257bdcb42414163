/** The key of a namespaced resource's row. Neither part can hold a slash. */
export const resourceKey = (namespace: string, name: string): string => `${namespace}/${name}`
