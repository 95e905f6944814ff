import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type KillResult, runKills } from './kill-run.ts'

/**
 * Kills the platform with SIGKILL under load, again and again, and says what it lost or did twice.
 *
 *   node bench/kill.ts [--rounds 50] [--seed 1] [--covers 240] [--steps 900] [--data DIR] [--verbose]
 *
 * A killed process leaves the page cache behind: that acknowledged messages survive a power loss is shown by the tests
 * of the journal with a disk that fails or is slow to flush (S17), not here. `--data` keeps the folder.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    covers: { type: 'string', default: '240' },
    steps: { type: 'string', default: '900' },
    data: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
})

/** True when every promise was held and there was something to hold. */
function held(result: KillResult): boolean {
  const { acknowledged, lost, doubled, alerts, alertsWrong, cases, casesWrong, replay, wrong } = result
  return acknowledged > 0 && alerts > 0 && cases > 0 && replay.compared > 0 && lost + doubled + alertsWrong + casesWrong + replay.differences + wrong.length === 0
}

const folder = values.data ?? mkdtempSync(join(tmpdir(), 'wanglou-kill-'))
const [rounds, seed, covers, steps] = [Number(values.rounds), Number(values.seed), Number(values.covers), Number(values.steps)]
try {
  const result = await runKills({ rounds, seed, covers, steps, folder, ...(values.verbose && { told: (line) => void process.stderr.write(`${line}\n`) }) })
  const { wrong, ...counts } = result
  for (const line of wrong) process.stderr.write(`${line}\n`)
  process.stdout.write(`${JSON.stringify(counts)}\n`)
  process.exitCode = held(result) ? 0 : 1
} finally {
  if (values.data === undefined) rmSync(folder, { recursive: true, force: true })
}
