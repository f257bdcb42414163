import about from '../../../../package.json' with { type: 'json' }

export const ownVersions = () => ({ version: about.version, node: process.versions.node })
