import { readFileSync } from 'node:fs'

/**
 * Loaded into a process ahead of its program: tells on standard error, at its end, how much memory it had resident at most.
 * By /proc, as what `resourceUsage` tells of a process begins with what the one had that started it.
 */
process.on('exit', () => {
  const [, most] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) as RegExpExecArray
  process.stderr.write(`most resident: ${most} kB\n`)
})
