// @ts-check
/** The page without a connection: the books that are on this device, and trying again. */

import { make, the } from '../lib/dom.js';
import { keptBooks } from '../lib/offline.js';

const list = the('[data-part="kept"]');
const books = await keptBooks();
list.replaceChildren(...[...books].map(([book, title]) => make('li', {}, make('a', { class: 'link', href: `/books/${book}/` }, title))));
the('[data-part="some"]').hidden = books.size === 0;
the('[data-part="none"]').hidden = books.size > 0;
the('[data-do="again"]').addEventListener('click', () => location.reload());
addEventListener('online', () => location.reload());
