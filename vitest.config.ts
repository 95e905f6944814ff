import { defineConfig } from 'vitest/config'

const common = { pool: 'forks', testTimeout: 30_000, hookTimeout: 60_000 } as const
const ALL = ['{domain,drivers,rules,store,inference,ingest,alerts,cases,api,gateways,dashboards,app,fixtures,bench}/**/*.test.ts']
/** Rooms whose tests only think: they start no broker, browser, model, ffmpeg or thread. */
const PURE = ['{domain,rules,fixtures}/**/*.test.ts', 'inference/{heads,schedule,tracking}/**/*.test.ts', 'alerts/{attribution,fusion}/**/*.test.ts', 'dashboards/*/**/*.test.ts']

export default defineConfig({
  test: {
    projects: [
      { test: { ...common, name: 'pure', include: PURE, sequence: { groupOrder: 0 } } },
      // Tests start real brokers, disks and browsers: on two cores a file at a time keeps their clocks honest.
      { test: { ...common, name: 'rooms', include: ALL, exclude: PURE, fileParallelism: false, sequence: { groupOrder: 1 } } },
    ],
  },
})
