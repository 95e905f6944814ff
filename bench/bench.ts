/** `npm run bench -- NAME [options]`: measurements; each file says what it compares and how it misleads. */
const BENCHES: Record<string, (args: readonly string[]) => Promise<void>> = {
  ingest: async (args) => (await import('./ingest.ts')).benchIngest(args),
  backtest: async (args) => (await import('./backtest.ts')).benchBacktest(args),
  rules: async (args) => (await import('./rules.ts')).runRulesBench(args),
  cameras: async (args) => (await import('./cameras.ts')).benchCameras(args),
  inference: async (args) => (await import('./inference.ts')).benchInference(args),
  'node-red': async (args) => (await import('./node-red/measure.ts')).benchNodeRed(args),
}

const [name = '', ...args] = process.argv.slice(2)
const bench = BENCHES[name]
if (bench) await bench(args)
else {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [options]\n`)
  process.exitCode = 1
}
