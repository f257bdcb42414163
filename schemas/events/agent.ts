/** The actor of what routers report and Hark does by itself; no token may have this name. */
export const AGENT = 'agent'
