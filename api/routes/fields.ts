import { z } from 'zod'

/** Any id in a path or a query. Whether something bears it is another question. */
export const Id = z.string().regex(/^[\w.:~-]{1,128}$/, 'must be an id: 1 to 128 letters, digits or _.:~-')

export const Note = z.string().max(2000).default('')
