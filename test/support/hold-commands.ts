import type { Engine } from '../../src/engine/engine.ts'

/** An engine whose commands wait until they may go on. */
export const holdCommands = () => {
  const [reached, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const wrapEngine = (engine: Engine): Engine => ({
    ...engine,
    execute: (async (...args: Parameters<Engine['execute']>) => {
      reached.resolve()
      await goOn.promise
      return engine.execute(...args)
    }) as Engine['execute'],
  })
  return { reached, goOn, wrapEngine }
}
