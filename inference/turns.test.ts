import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { crewFor, Turns } from './turns.ts'

describe('crewFor', () => {
  it.each([
    ['one core', 1, { threads: 1, workers: null }, { threads: 1, workers: 1, turns: 1, why: null }],
    ['two cores: one is left to the platform', 2, { threads: 1, workers: null }, { threads: 1, workers: 1, turns: 2, why: null }],
    ['eight cores: no more workers than asked for', 8, { threads: 1, workers: null }, { threads: 1, workers: 4, turns: 8, why: null }],
    ['eight cores, three threads each', 8, { threads: 3, workers: null }, { threads: 3, workers: 2, turns: 2, why: null }],
    ['as wished', 8, { threads: 2, workers: 4 }, { threads: 2, workers: 4, turns: 4, why: null }],
    ['more workers than cores', 2, { threads: 1, workers: 3 }, { threads: 1, workers: 2, turns: 2, why: '1 threads × 3 workers would fight over 2 cores; it is 1 × 2' }],
    ['more threads than cores', 2, { threads: 4, workers: null }, { threads: 2, workers: 1, turns: 1, why: '4 threads × 1 workers would fight over 2 cores; it is 2 × 1' }],
  ])('%s', (_, cores, wish, crew) => {
    expect(crewFor(cores, wish)).toEqual(crew)
  })

  it('never lets more threads work than there are cores', () => {
    for (let cores = 1; cores <= 64; cores++) {
      for (const threads of [1, 2, 3, 8, 64]) {
        for (const workers of [null, 1, 2, 5, 64]) {
          const crew = crewFor(cores, { threads, workers })
          expect(crew.threads * crew.workers).toBeLessThanOrEqual(cores)
          expect(crew.threads * crew.turns).toBeLessThanOrEqual(cores)
        }
      }
    }
    expect(crewFor(availableParallelism(), { threads: 1, workers: null }).workers).toBeGreaterThan(0)
  })
})

it('Turns go to whoever asked first, and one that was given back to the next', () => {
  const turns = new Turns(2)
  const went: string[] = []
  for (const name of ['a', 'b', 'c', 'd']) turns.ask(() => went.push(name))
  expect(went).toEqual(['a', 'b'])
  turns.give()
  expect(went).toEqual(['a', 'b', 'c'])
  turns.give()
  turns.give()
  turns.give()
  expect(went).toEqual(['a', 'b', 'c', 'd'])
  turns.ask(() => went.push('e'))
  turns.ask(() => went.push('f'))
  turns.ask(() => went.push('g'))
  expect(went).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
})
