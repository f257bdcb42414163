import { readFileSync } from 'node:fs'

/**
 * Preloaded into a process: prints its peak resident memory on standard error at exit. It reads /proc because
 * `resourceUsage` includes the peak of the parent before exec.
 */
process.on('exit', () => {
  const [, most] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) as RegExpExecArray
  process.stderr.write(`most resident: ${most} kB\n`)
})
