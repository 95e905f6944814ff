import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{domain,drivers,rules,store,inference,ingest,alerts,cases,api,gateways,dashboards,app,fixtures,bench}/**/*.test.ts'],
    // Tests start real brokers, disks and browsers: on two cores a file at a time keeps their clocks honest.
    fileParallelism: false,
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
