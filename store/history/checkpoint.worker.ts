import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { openDatabase } from '../../drivers/sqlite.ts'

const port = parentPort as MessagePort
const db = openDatabase(workerData as string, { synchronous: 'NORMAL' })

port.on('message', (message: 'checkpoint' | 'close') => {
  if (message === 'checkpoint') return void db.pragma('wal_checkpoint(PASSIVE)')
  db.close()
  port.close()
})
