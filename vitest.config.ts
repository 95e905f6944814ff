import { defineConfig } from 'vitest/config'

const common = { pool: 'forks', testTimeout: 30_000, hookTimeout: 60_000 } as const
const ALL = ['{domain,drivers,rules,store,inference,ingest,alerts,cases,api,gateways,dashboards,app,fixtures,bench}/**/*.test.ts']
/** Tests that hold the platform to deadlines: beside others their clocks would not be honest. */
const CLOCKS = ['{ingest,alerts/engine}/**/*.test.ts', 'app/{quarantine,kill,start}.test.ts', 'inference/session.test.ts']

export default defineConfig({
  test: {
    projects: [
      // Most of a room's test is waiting, for a broker, a disk, a browser or ffmpeg: two at a time fill two cores.
      { test: { ...common, name: 'rooms', include: ALL, exclude: CLOCKS, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      { test: { ...common, name: 'clocks', include: CLOCKS, fileParallelism: false, sequence: { groupOrder: 1 } } },
    ],
  },
})
