"""The pages of the library: shelf, reader, conversations."""

from django.urls import path
from django.views.i18n import JavaScriptCatalog

from books.views import library, reader, talks

urlpatterns = [
    path("", library.library, name="library"),
    path("books/<int:pk>/", reader.book, name="book"),
    path("books/<int:pk>/card", library.card, name="card"),
    path("books/<int:pk>/sections/<int:number>", reader.section, name="section"),
    path("books/<int:pk>/sections/<int:number>/note", reader.note, name="note"),
    path("talks/", talks.talks, name="talks"),
    path("talks/<int:pk>/", talks.talk, name="talk"),
    path("jsi18n/", JavaScriptCatalog.as_view(), name="javascript-catalog"),
]
