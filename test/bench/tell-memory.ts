/** Loaded into a process ahead of its program: tells on standard error, at its end, how much memory it had resident at most. */
process.on('exit', () => {
  process.stderr.write(`most resident: ${process.resourceUsage().maxRSS} kB\n`)
})
