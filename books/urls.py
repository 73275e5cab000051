"""The pages of the library: shelf, reader, conversations."""

from django.urls import path
from django.views.i18n import JavaScriptCatalog

from books.views import about, handbook, library, parcel, pictures, reader, sheets, talks

urlpatterns = [
    path("", library.library, name="library"),
    path("shelf/", library.shelf, name="shelf"),
    path("shelf/filters", library.filters, name="shelf-filters"),
    path("shelf/found", library.found, name="shelf-found"),
    path("shelf/sidebar", library.sidebar, name="shelf-sidebar"),
    path("shelf/chosen", library.chosen, name="shelf-chosen"),
    path("books/<int:pk>/", reader.book, name="book"),
    path("books/<int:pk>/about", about.about, name="about"),
    path("books/<int:pk>/about/cover", about.cover, name="book-cover-change"),
    path("books/<int:pk>/about/again", about.again, name="book-again"),
    path("books/<int:pk>/about/collections", about.collections, name="book-collections"),
    path("books/<int:pk>/about/remove", about.remove, name="book-remove"),
    path("books/<int:pk>/about/removed", about.removed, name="book-removed"),
    path("books/<int:pk>/encoding", about.encoding, name="book-encoding"),
    path("books/<int:pk>/unlock", about.unlock, name="book-unlock"),
    path("books/<int:pk>/card", library.card, name="card"),
    path("books/<int:pk>/cover", pictures.cover, name="cover"),
    path("books/<int:pk>/pictures/<int:number>", pictures.picture, name="picture"),
    path("books/<int:pk>/pages/<int:number>", sheets.page, name="page"),
    path("books/<int:pk>/pages/<int:number>/words", sheets.words, name="page-words"),
    path("books/<int:pk>/pages/<int:number>/links", sheets.links, name="page-links"),
    path("books/<int:pk>/sections/<int:number>", reader.section, name="section"),
    path("books/<int:pk>/sections/<int:number>/note", reader.note, name="note"),
    path("handbook/", handbook.add, name="handbook"),
    path("talks/", talks.talks, name="talks"),
    path("talks/<int:pk>/", talks.talk, name="talk"),
    path("talks/list", talks.talk_list, name="talk-list"),
    path("talks/thread", talks.talk_thread, name="talk-thread"),
    path("talks/books", talks.talk_books, name="talk-books"),
    path("settings/export/", parcel.export, name="export"),
    path("jsi18n/", JavaScriptCatalog.as_view(), name="javascript-catalog"),
]
