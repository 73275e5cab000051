"""What was there before scopes, branches and the reading limit: a talk has one branch, a place is a reach."""

from django.db import migrations

SCOPES = "UPDATE books_conversation SET scope = 'book' WHERE book_id IS NOT NULL"
PARENTS = """
UPDATE books_reply SET parent_id = before.parent_id FROM (
    SELECT id, lag(id) OVER (PARTITION BY conversation_id ORDER BY id) AS parent_id FROM books_reply
) before WHERE before.id = books_reply.id
"""
TIPS = """
UPDATE books_conversation SET tip_id = last.id FROM (
    SELECT conversation_id, max(id) AS id FROM books_reply GROUP BY conversation_id
) last WHERE last.conversation_id = books_conversation.id
"""
REACHES = """
INSERT INTO books_reach (reader_id, book_id, section, "offset", updated_at)
SELECT reader_id, book_id, section, "offset", updated_at FROM books_readingplace
"""


class Migration(migrations.Migration):
    dependencies = [("books", "0004_reading_and_talking")]
    operations = [
        migrations.RunSQL([SCOPES, PARENTS, TIPS, REACHES], migrations.RunSQL.noop),
    ]
