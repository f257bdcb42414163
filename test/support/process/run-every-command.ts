import { runInProcess } from '../../cli/hark.ts'

/** Waits for what keeps this process, then names it. */
const TIMEOUT_MS = 30_000

const [server = '', data = ''] = process.argv.slice(2)
const offline = `--store sqlite:${data}/events.db`
const listener = 'listener backend -n west'
const manifest = JSON.stringify({
  apiVersion: 'skupper.io/v2alpha1',
  kind: 'Listener',
  metadata: { name: 'backend', namespace: 'west' },
  spec: { routingKey: 'backend', host: 'backend', port: 8080 },
})

const COMMANDS: readonly string[] = [
  'apply -f -',
  'create connector backend 8080 -n west --host 127.0.0.1',
  'get listeners -n west',
  'get listeners -n west --at 1',
  `describe ${listener}`,
  `update ${listener} --port 9090`,
  `history ${listener}`,
  `timeline ${listener}`,
  'replay -n west --speed 100000x',
  'diff -n west --from 1',
  'bisect -n west --listener backend --where port=9090',
  'router-config -n west',
  'audit report -n west',
  'health',
  'generate listener backend 8080 -n west',
  'diff -f -',
  'wait listener/backend -n west --for=condition=Ready=false',
  'history -n west --tail 1',
  'listener status -n west',
  'status',
  'version',
  'whoami',
  'can-i get listeners',
  'config get-contexts',
  `export ${data}/exported.jsonl`,
  `delete ${listener}`,
  `audit report ${offline}`,
  `timeline ${listener} ${offline}`,
  `audit verify ${offline}`,
  `verify --data ${data}`,
  `rebuild --data ${data}`,
  `token list --data ${data}`,
]

for (const command of COMMANDS) {
  const { status, stderr } = await runInProcess(command.split(' '), { input: manifest, env: { HARK_SERVER: server } })
  // A command that is not understood holds nothing, and so shows nothing.
  if (status === 2) process.stdout.write(`${command}: ${stderr}\n`)
}
setTimeout(() => {
  process.stdout.write(`still open: ${process.getActiveResourcesInfo().join(', ')}\n`)
  process.exit(1)
}, TIMEOUT_MS).unref()
