import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Book, openBook } from './book.ts'

/** A book on the real disk for tests; `reopen` is what a restart sees. */
export interface TemporaryBook {
  book: Book
  folder: string
  reopen(): Promise<Book>
  remove(): Promise<void>
}

export async function temporaryBook(): Promise<TemporaryBook> {
  const folder = await mkdtemp(join(tmpdir(), 'wanglou-book-'))
  const path = join(folder, 'book.db')
  const temporary: TemporaryBook = {
    book: await openBook(path),
    folder,
    async reopen() {
      await temporary.book.close()
      temporary.book = await openBook(path)
      return temporary.book
    },
    async remove() {
      await temporary.book.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return temporary
}
