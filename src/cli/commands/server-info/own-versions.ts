import about from '../../../../package.json' with { type: 'json' }

/** Of this command, not of the engine that it talks to. */
export const ownVersions = () => ({ version: about.version, node: process.versions.node })
